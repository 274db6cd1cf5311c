#!/usr/bin/env bash
# Distributed under the Boost Software License, Version 1.0.
# The long run of ab, wrk and h2load against http.so: prints counts and rates, and fails if a request did.
#
#     b2 && test/bench/load.sh bin/epollhost bin/plugins/http.so [REQUESTS]
set -uo pipefail
program=$1 plugin=$2 requests=${3:-100000}
said=$(mktemp)
pipeline=$(dirname "$0")/../system/support/pipeline.lua

"$program" --plugin "$plugin" --listen 127.0.0.1:0 2>"$said" &
server=$!
trap 'kill -TERM $server; wait $server; rm -f "$said"' EXIT
for _ in {1..100}; do
  grep -q 'listens on' "$said" && break
  sleep 0.1
done
url=http://$(sed -n 's/.*listens on \([0-9.:]*\).*/\1/p' "$said")/

failures=0
# title, lines to show, a pattern of what must not be there, the command
measure() {
  local title=$1 shown=$2 bad=$3 out
  shift 3
  echo "== $title: $*"
  if ! out=$("$@" 2>&1) || grep -qE "$bad" <<<"$out"; then
    failures=$((failures + 1))
    echo "FAILED"
  fi
  grep -E "$shown" <<<"$out"
}

ab_lines='Complete|Failed|Non-2xx|Keep-Alive req|Requests per second|  (50|99)%'
ab_bad='Failed requests: +[1-9]|Non-2xx|Write errors'
measure 'a connection for each request' "$ab_lines" "$ab_bad" ab -q -n "$requests" -c 100 "$url"
measure 'connections kept' "$ab_lines" "$ab_bad" ab -q -k -n "$requests" -c 100 "$url"
wrk_lines='requests in|Requests/sec|Socket errors|Non-2xx|  (50|99)%'
wrk_bad='Socket errors|Non-2xx'
measure 'connections kept' "$wrk_lines" "$wrk_bad" wrk -t 1 -c 100 -d 5s --latency "$url"
measure '16 requests at once' "$wrk_lines" "$wrk_bad" wrk -t 1 -c 100 -d 5s --latency -s "$pipeline" "$url" -- 16
measure 'connections kept' 'finished|requests:|status codes' ' [1-9][0-9]* (failed|errored|timeout)' \
  h2load --h1 -n "$requests" -c 100 "$url"
exit $((failures > 0))
