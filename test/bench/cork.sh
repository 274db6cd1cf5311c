#!/usr/bin/env bash
# Distributed under the Boost Software License, Version 1.0.
# Measures TCP_CORK around each turn against the default, one gathered send, with 16 pipelined requests at once.
#
#     b2 && test/bench/cork.sh bin/epollhost bin/plugins/http.so [SECONDS]
set -uo pipefail
program=$1 plugin=$2 seconds=${3:-3}
said=$(mktemp)
pipeline=$(dirname "$0")/../system/support/pipeline.lua
server=
trap 'if [[ -n $server ]]; then kill -TERM $server; wait $server; fi; rm -f "$said"' EXIT

measure() { # on or off
  "$program" --plugin "$plugin" --listen 127.0.0.1:0 --workers 0 --cork "$1" 2>"$said" &
  server=$!
  for _ in {1..100}; do
    grep -q 'listens on' "$said" && break
    sleep 0.1
  done
  local address cpu out
  address=$(sed -n 's/.*listens on \([0-9.:]*\).*/\1/p' "$said")
  out=$(wrk -t 1 -c 20 -d "${seconds}s" -s "$pipeline" "http://$address/" -- 16)
  cpu=$(cut -d ' ' -f 1 "/proc/$server/schedstat") # nanoseconds on a processor
  awk -v cork="$1" -v cpu="$cpu" '/requests in/ { n = $1 } /Requests\/sec/ { rate = $2 }
    END { printf "--cork %-3s %10.0f requests/s %8.0f ns of processor time a request\n", cork, rate, cpu / n }' <<<"$out"
  kill -TERM $server
  wait $server
  server=
}

# The same twice: a drift of the machine shows as a difference between equals.
for _ in 1 2; do
  measure off
  measure on
done
