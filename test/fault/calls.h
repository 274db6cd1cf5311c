/* Distributed under the Boost Software License, Version 1.0. */
/* The calls that the shim can fail. The sweep reads this list too: the order is that of the counters on the board. */
/* clang-format off */
CALL(allocate) /* malloc and its kind, and with it operator new */
CALL(socket) CALL(bind) CALL(listen) CALL(accept4) CALL(connect) CALL(shutdown) CALL(socketpair)
CALL(getsockname) CALL(getpeername) CALL(getsockopt) CALL(setsockopt) CALL(getaddrinfo)
CALL(send) CALL(sendto) CALL(sendmsg) CALL(recv) CALL(recvmsg) CALL(sendfile) CALL(splice)
CALL(epoll_create1) CALL(epoll_ctl) CALL(epoll_wait) CALL(epoll_pwait2) CALL(poll)
CALL(eventfd) CALL(eventfd_write) CALL(signalfd) CALL(pipe2) CALL(memfd_create)
CALL(read) CALL(write) CALL(pread) CALL(open) CALL(openat2) CALL(fopen) CALL(fdopendir) CALL(close) CALL(close_range)
CALL(fcntl) CALL(dup) CALL(dup2) CALL(fstat) CALL(stat) CALL(lstat) CALL(ftruncate) CALL(fchmod) CALL(chmod)
CALL(unlink) CALL(rename) CALL(realpath) CALL(readlink) CALL(access)
CALL(mmap) CALL(mprotect) CALL(fork) CALL(waitpid) CALL(getrandom) CALL(prctl) CALL(capset) CALL(sigaltstack)
CALL(setrlimit) CALL(sched_getaffinity)
