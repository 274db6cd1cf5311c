# Distributed under the Boost Software License, Version 1.0.
# What clients say to the program, and what they may hear: the right answer, or less of it and the end.
import contextlib
import re
import socket
import struct

DEADLINE_S = 12  # generous: the machine may be busy, and none waits for it but what hangs


class Bad(Exception):
    """An outcome that must not be."""


def connect(host, tcp):
    """To the TCP port, or the unix socket if it has said none."""
    if tcp and host.board.port:
        s, at = socket.socket(), ("127.0.0.1", host.board.port)
    else:
        s, at = socket.socket(socket.AF_UNIX), host.unix
    s.settimeout(DEADLINE_S)
    try:
        s.connect(at)
        return s
    except BaseException:
        s.close()
        raise


def all_of(s, most=None):
    """What comes until the end, or until there is so much; a reset is an end too."""
    got = bytearray()
    try:
        while (most is None or len(got) < most) and (part := s.recv(1 << 18)):
            got += part
    except TimeoutError as e:
        raise Bad(f"hang: a client waits for more than {len(got)} bytes, and for the end") from e
    except OSError:
        pass
    return bytes(got)


def send(s, data):
    try:
        s.sendall(data)
    except TimeoutError as e:
        raise Bad("hang: a client cannot send") from e
    except OSError:
        pass  # closed or reset: less than the right answer is allowed where a call failed


def leaves(s, then):
    """Whether the client goes with a reset; or it sends a FIN, or nothing."""
    if then == "reset":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif then == "half-close":
        s.shutdown(socket.SHUT_WR)
    return then == "reset"


class Http:
    """Of a plugin that answers GET with one content."""

    def __init__(self, target, content):
        self.target, self.body = target, content
        self.request = f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        self.last = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        self.answer_bytes = 0

    def answers(self, host, tcp=True):
        """Whether a client on a connection of its own gets the right answer."""
        try:
            with connect(host, tcp) as s:
                send(s, self.last)
                got = all_of(s)
        except OSError:
            return False
        head, _, content = got.partition(b"\r\n\r\n")
        return head.startswith(b"HTTP/1.1 200") and content == self.body

    def judge(self, got, answers):
        """Each answer that came whole must be the right one, or say that it is not; the last may be cut off."""
        count = 0
        while got:
            count += 1
            head, blank, got = got.partition(b"\r\n\r\n")
            if not blank:
                return
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
            if not head.startswith(b"HTTP/1.1 ") or not length:
                raise Bad(f"a client heard {head[:60]!r}")
            size = int(length.group(1))
            if head.startswith(b"HTTP/1.1 200") and not self.body.startswith(got[:size]):
                raise Bad(f"a client got wrong content, {got[:40]!r}")
            got = got[size:]
        if count > answers:
            raise Bad(f"{count} answers came to {answers} requests")

    def talk(self, host):
        """The clients of one round, one behind the other."""
        for tcp, pieces, answers, then in (
                (True, [self.request, self.last], 2, None),
                (False, [self.request * 2 + self.last], 3, None),
                (True, [self.request[:9], self.request[9:]], 1, "half-close"),
                (False, [self.last.replace(b"1.1", b"1.0")], 1, None),
                (True, [self.request], 1, "reset")):
            with contextlib.suppress(OSError), connect(host, tcp) as s:
                for piece in pieces:
                    send(s, piece)
                if leaves(s, then):
                    continue
                self.judge(all_of(s), answers)


class Echo:
    """Of a plugin that sends back what it gets."""

    data = bytes(range(256)) * 600  # more than one turn reads and one call sends

    def answers(self, host, tcp=True):
        try:
            with connect(host, tcp) as s:
                send(s, b"hello")
                return all_of(s, 5) == b"hello"
        except OSError:
            return False

    def talk(self, host):
        for tcp, data, then in ((True, b"one", None), (False, self.data, None), (True, self.data, "half-close"),
                                (True, b"gone", "reset")):
            with contextlib.suppress(OSError), connect(host, tcp) as s:
                send(s, data)
                if leaves(s, then):
                    continue
                got = all_of(s, None if then else len(data))
                if not data.startswith(got):
                    raise Bad("an echo differs from what was sent")
