// Distributed under the Boost Software License, Version 1.0.
// Requests as real clients send them.

#include "head_case.hpp"

namespace http_test {

std::vector<head_case> golden_cases() {
  return {
      good("reads_what_curl_sends",
           "GET / HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
           "GET / 1.1 origin host=localhost:8080 path=/ keep [Host|localhost:8080] [User-Agent|curl/7.88.1] "
           "[Accept|*/*]"),
      good("reads_what_curl_posts",
           "POST /form HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nContent-Length: "
           "2097152\r\n"
           "Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n",
           "POST /form 1.1 origin host=localhost path=/form keep length=2097152 continue [Host|localhost] "
           "[User-Agent|curl/7.88.1] [Accept|*/*] [Content-Length|2097152] "
           "[Content-Type|application/x-www-form-urlencoded] [Expect|100-continue]"),
      good("reads_what_ab_sends",
           "GET / HTTP/1.0\r\nHost: 127.0.0.1:8080\r\nUser-Agent: ApacheBench/2.3\r\nAccept: */*\r\n\r\n",
           "GET / 1.0 origin host=127.0.0.1:8080 path=/ close [Host|127.0.0.1:8080] [User-Agent|ApacheBench/2.3] "
           "[Accept|*/*]"),
      good("reads_what_ab_sends_with_keep_alive",
           "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\nHost: 127.0.0.1:8080\r\nUser-Agent: ApacheBench/2.3\r\n"
           "Accept: */*\r\n\r\n"),
      good("reads_what_wrk_sends", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"),
      good("reads_what_a_browser_sends",
           "GET /wiki/Epoll?useskin=vector&action=view HTTP/1.1\r\nHost: en.example.org\r\nUser-Agent: Mozilla/5.0 "
           "(X11; "
           "Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0\r\nAccept: text/html,application/xhtml+xml,"
           "application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n"
           "Accept-Encoding: gzip, deflate, br\r\nDNT: 1\r\nConnection: keep-alive\r\nCookie: session=8f3b2c1d; "
           "theme=dark; seen=1,2,3\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: "
           "navigate\r\nSec-Fetch-Site: none\r\nSec-Fetch-User: ?1\r\nIf-None-Match: \"abc\"\r\nPragma: "
           "no-cache\r\n\r\n",
           "GET /wiki/Epoll?useskin=vector&action=view 1.1 origin host=en.example.org path=/wiki/Epoll "
           "query=useskin=vector&action=view keep [Host|en.example.org] [User-Agent|Mozilla/5.0 (X11; Linux x86_64; "
           "rv:120.0) Gecko/20100101 Firefox/120.0] [Accept|text/html,application/xhtml+xml,application/xml;q=0.9,"
           "image/avif,image/webp,*/*;q=0.8] [Accept-Language|en-US,en;q=0.5] [Accept-Encoding|gzip, deflate, br] "
           "[DNT|1] "
           "[Connection|keep-alive] [Cookie|session=8f3b2c1d; theme=dark; seen=1,2,3] [Upgrade-Insecure-Requests|1] "
           "[Sec-Fetch-Dest|document] [Sec-Fetch-Mode|navigate] [Sec-Fetch-Site|none] [Sec-Fetch-User|?1] "
           "[If-None-Match|\"abc\"] [Pragma|no-cache]"),
      good("reads_a_websocket_upgrade",
           "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
           "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"),
      good("reads_what_a_line_from_telnet_sends", "GET / HTTP/1.0\n\n"),
      good("reads_a_pipelined_pair", "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET /1 1.1 origin host=a path=/1 keep [Host|a]"),
      good("reads_a_chunked_upload", "PUT /file HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: "
                                     "Digest\r\n\r\n4\r\ndata\r\n0\r\n\r\n"),
      good("reads_a_proxied_request",
           "GET http://www.example.com:8080/a?b HTTP/1.1\r\nHost: www.example.com:8080\r\nProxy-Connection: "
           "Keep-Alive\r\nVia: 1.1 proxy\r\nX-Forwarded-For: 192.0.2.1, 198.51.100.2\r\n\r\n"),
  };
}

} // namespace http_test
