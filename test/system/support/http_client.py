# Distributed under the Boost Software License, Version 1.0.
# An HTTP client over a plain socket, which decides what is sent in one piece.
import socket

SHORT = b"GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n"  # 40 bytes
BROWSER = (  # 620 bytes
    b"GET /index.html?from=start&language=english HTTP/1.1\r\n"
    b"Host: www.example.org:8080\r\n"
    b"Connection: keep-alive\r\n"
    b"Cache-Control: max-age=0\r\n"
    b'sec-ch-ua: "Chromium";v="118", "Google Chrome";v="118", "Not=A?Brand";v="99"\r\n'
    b"sec-ch-ua-mobile: ?0\r\n"
    b'sec-ch-ua-platform: "Linux"\r\n'
    b"Upgrade-Insecure-Requests: 1\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 "
    b"Safari/537.36\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    b"Sec-Fetch-Site: none\r\n"
    b"Sec-Fetch-Mode: navigate\r\n"
    b"Accept-Encoding: gzip, deflate, br\r\n"
    b"Accept-Language: en-US,en;q=0.9\r\n"
    b"\r\n")


class Client:
    """One connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.input.close()
        self.socket.close()

    def send(self, request, times=1):
        self.socket.sendall(request * times)

    def answer(self):
        """Status line and content of the next answer."""
        status = self.input.readline().decode()
        if not status:
            raise AssertionError("the connection has ended, an answer was expected")
        length = 0
        while (line := self.input.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status.rstrip(), self.input.read(length)

    def ask(self, request=SHORT):
        self.send(request)
        return self.answer()

    def ended(self):
        """Whether the server has closed, with nothing left to read."""
        return self.input.read(1) == b""
