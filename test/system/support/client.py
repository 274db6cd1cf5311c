# Distributed under the Boost Software License, Version 1.0.
# Single connections to what a test runs: `at` is a port of 127.0.0.1, an address and port, or unix:/path.
import re
import socket
import threading

from support.program import DEADLINE_S


def connect(at):
    at = str(at)
    if at.startswith("unix:"):
        s = socket.socket(socket.AF_UNIX)
        target = at[5:].replace("@", "\0", 1) if at[5:6] == "@" else at[5:]
    else:
        s = socket.socket(socket.AF_INET)
        target = ("127.0.0.1", int(at.rsplit(":", 1)[-1]))
    s.settimeout(DEADLINE_S)
    try:
        s.connect(target)
    except BaseException:
        s.close()
        raise
    return s


def can_connect(at):
    try:
        connect(at).close()
        return True
    except (ConnectionRefusedError, FileNotFoundError):
        return False


def request(target="/bytes/13", fields="Connection: close\r\n"):
    return f"GET {target} HTTP/1.1\r\nHost: test\r\n{fields}\r\n".encode()


def ask(at, target="/bytes/13"):
    """A connection on which a request has been sent."""
    s = connect(at)
    s.sendall(request(target))
    return s


def answer_of(s):
    """All that comes, to the end; closes."""
    with s, s.makefile("rb") as f:
        return f.read()


def get(at, target="/bytes/13"):
    return answer_of(ask(at, target))


def content(answer):
    return answer.partition(b"\r\n\r\n")[2]


def version_of(at):
    found = re.search(rb"\r\nX-Version: (\S+)\r\n", get(at))
    return found.group(1).decode() if found else None


def free_port():
    """One that was free just now."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def all_of_the_answer(client, *pieces):
    """Sends the pieces and a FIN while it reads all that comes back."""
    def send():
        for piece in pieces:
            client.sendall(piece)
        client.shutdown(socket.SHUT_WR)
    sender = threading.Thread(target=send)
    sender.start()
    with client.makefile("rb") as back:
        answer = back.read()
    sender.join()
    return answer
