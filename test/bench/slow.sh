#!/bin/sh
# Distributed under the Boost Software License, Version 1.0.
# Attacks http.so with slowhttptest, 4,000 connections in each of its modes, with an honest client beside it.
#
#     test/bench/slow.sh [PROGRAM [PLUGIN [SECONDS]]]        from the root of the tree; needs slowhttptest and python3
#
# The honest client opens a connection for each of its requests and sends a second one on it. It fails if an answer is
# wrong or takes longer than 5 s. The script ends with 0 if it never failed in any mode.
set -eu

program=${1:-bin/epollhost}
plugin=${2:-bin/plugins/http.so}
seconds=${3:-30}
connections=4000
folder=$(mktemp -d)
ulimit -n "$(ulimit -Hn)"

"$program" --plugin "$plugin" --listen 127.0.0.1:0 --workers 1 2> "$folder/log" &
server=$!
trap 'kill "$server" 2> "$folder/gone" || :; wait "$server" || :; rm -rf "$folder"' EXIT

port=
for _ in $(seq 100); do
  port=$(sed -n 's/.*listens on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$folder/log")
  [ -n "$port" ] && break
  sleep 0.1
done
[ -n "$port" ] || { cat "$folder/log"; exit 1; }

honest() {
  python3 - "$port" "$seconds" << 'PYTHON'
import socket
import sys
import time

port, end = int(sys.argv[1]), time.monotonic() + int(sys.argv[2])
requests = failures = 0
slowest = 0.0
while time.monotonic() < end:
    begin = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
            for _ in range(2):
                requests += 1
                peer.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                answer = b""
                while not answer.endswith(b"Hello, world!"):
                    part = peer.recv(4096)
                    if not part:
                        raise OSError("closed without an answer")
                    answer += part
    except OSError as why:
        failures += 1
        print(f"  failed: {why}")
    slowest = max(slowest, time.monotonic() - begin)
    time.sleep(0.01)
print(f"  honest client: {requests} requests, {failures} failures, slowest connection {slowest * 1000:.0f} ms")
sys.exit(failures != 0 or requests == 0)
PYTHON
}

failed=0
attack() {
  name=$1
  shift
  echo "$name"
  slowhttptest -c "$connections" -r 1000 -l "$seconds" -u "http://127.0.0.1:$port/" "$@" > "$folder/attack" 2>&1 &
  attacker=$!
  honest || failed=1
  wait "$attacker" || :
  sed -n 's/\x1b\[[0-9;]*m//g; s/^ *\(pending\|connected\|error\|closed\): *\([0-9]*\).*/\1 \2/p' "$folder/attack" |
    tail -4 | tr '\n' ' ' | sed 's/^/  at its end: /'
  echo
}

attack "slow head (slowloris)" -H -i 5 -x 24 -p 3
attack "slow body" -B -i 5 -s 8192 -x 10 -p 3
attack "ranges" -R -a 10 -b 3000
attack "slow read" -X -w 512 -y 1024 -n 5 -z 32 -k 3 -p 3
kill -0 "$server" || failed=1
exit "$failed"
