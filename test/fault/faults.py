# Distributed under the Boost Software License, Version 1.0.
# Which errors each call may give: those of its man page that can occur here.
import errno
import socket

# EAGAIN of a socket under epoll's edge trigger is left to the level trigger: the kernel says it only where a new edge
# will follow, and the shim has none to give.
AGAIN = {"send", "recv", "sendmsg", "sendto", "sendfile", "recvmsg"}

_NAMES = {
    "allocate": "ENOMEM",
    "socket": "EMFILE ENFILE ENOBUFS ENOMEM EACCES EAFNOSUPPORT",
    "bind": "EADDRINUSE EADDRNOTAVAIL EACCES ENOMEM EROFS",
    "listen": "EADDRINUSE",
    "accept4": "EMFILE ENFILE ENOBUFS ENOMEM ECONNABORTED EINTR EAGAIN EPERM EPROTO ENETDOWN",
    "connect": "ECONNREFUSED EAGAIN EINTR EACCES",
    "shutdown": "ENOTCONN ENOBUFS",
    "socketpair": "EMFILE ENFILE ENOMEM",
    "getsockname": "ENOBUFS",
    "getpeername": "ENOBUFS ENOTCONN",
    "getsockopt": "ENOPROTOOPT",
    "setsockopt": "ENOPROTOOPT EINVAL ENOMEM EPERM",
    "send": "EINTR EAGAIN EPIPE ECONNRESET ENOBUFS ENOMEM ETIMEDOUT EHOSTUNREACH",
    "sendto": "EINTR EAGAIN EPIPE ECONNRESET ENOBUFS ENOMEM",
    "sendmsg": "EINTR EAGAIN EPIPE ECONNRESET ENOBUFS ENOMEM ETIMEDOUT EHOSTUNREACH",
    "recv": "EINTR EAGAIN ECONNRESET ETIMEDOUT ENOMEM EHOSTUNREACH ECONNREFUSED",
    "recvmsg": "EINTR EAGAIN ECONNRESET ENOMEM",
    "sendfile": "EINTR EAGAIN EINVAL EIO ENOMEM EPIPE ECONNRESET",
    "splice": "EAGAIN EINVAL ENOMEM",
    "epoll_create1": "EMFILE ENFILE ENOMEM",
    "epoll_ctl": "ENOMEM ENOSPC",
    "epoll_wait": "EINTR",
    "epoll_pwait2": "EINTR ENOSYS EPERM",
    "poll": "EINTR ENOMEM",
    "eventfd": "EMFILE ENFILE ENODEV ENOMEM",
    "eventfd_write": "EAGAIN EINTR",
    "signalfd": "EMFILE ENFILE ENODEV ENOMEM",
    "pipe2": "EMFILE ENFILE",
    "memfd_create": "EMFILE ENFILE ENOMEM",
    "read": "EINTR EAGAIN EIO",
    "write": "EINTR EAGAIN EPIPE ENOSPC EDQUOT EIO",
    "pread": "EINTR EIO",
    "open": "EMFILE ENFILE ENOMEM EACCES EINTR ENOENT",
    "openat2": "ENOSYS EPERM EMFILE ENFILE ENOMEM EAGAIN EACCES EINTR",
    "fopen": "EMFILE ENFILE ENOMEM EACCES",
    "fdopendir": "ENOMEM",
    "close": "EINTR EIO",
    "close_range": "ENOSYS EPERM ENOMEM",
    "fcntl": "EMFILE EPERM EBUSY",
    "dup": "EMFILE",
    "dup2": "EMFILE EINTR EBUSY",
    "fstat": "ENOMEM EOVERFLOW",
    "stat": "EACCES ENOMEM ENOENT",
    "lstat": "EACCES ENOMEM ENOENT",
    "ftruncate": "EINTR EIO EFBIG",
    "fchmod": "EPERM EIO EROFS",
    "chmod": "EPERM EIO EROFS",
    "unlink": "EACCES EBUSY EIO EROFS",
    "rename": "EACCES EBUSY ENOSPC EIO",
    "realpath": "EACCES ENOMEM",
    "readlink": "EACCES ENOMEM",
    "access": "EACCES EIO",
    "mmap": "ENOMEM ENFILE EAGAIN",
    "mprotect": "ENOMEM",
    "fork": "EAGAIN ENOMEM",
    "waitpid": "EINTR",
    "getrandom": "EINTR ENOSYS",
    "prctl": "EPERM EINVAL",
    "capset": "EPERM",
    "sigaltstack": "ENOMEM EPERM",
    "setrlimit": "EPERM",
    "sched_getaffinity": "EINVAL",
}

# Each with its number.
ERRORS = {call: [(name, getattr(errno, name)) for name in names.split()] for call, names in _NAMES.items()}
ERRORS["getaddrinfo"] = [(name, getattr(socket, name)) for name in
                         ("EAI_AGAIN", "EAI_FAIL", "EAI_MEMORY", "EAI_NONAME", "EAI_SYSTEM")]
