#!/bin/sh
# Distributed under the Boost Software License, Version 1.0.
# Installs the Debian 12 packages that are missing for building epollhost, or, with the word `test`, for its tests too,
# with `bench` for those and the measurements, with `coverage` for the tests and what they reach.
#
# It installs nothing else, removes nothing, and does nothing where all are there; then it needs neither root nor a
# network. None of the packages starts a service.
set -eu

build="g++ libboost1.81-dev libboost1.81-tools-dev libfmt-dev libspdlog-dev"
test="apache2-utils clang curl libboost-test1.81-dev logrotate netcat-openbsd pkgconf python3 strace systemd valgrind wrk"
bench="libevent-dev libuv1-dev"
coverage="gcovr"

say() { echo "bootstrap.sh: $*"; }
fail() {
  say "$*" >&2
  exit 1
}

case "${1-}" in
  "") wanted=$build ;;
  test) wanted="$build $test" ;;
  bench) wanted="$build $test $bench" ;;
  coverage) wanted="$build $test $coverage" ;;
  *) fail "unknown argument '$1'; expected nothing (to build), 'test' (to build and test), 'bench' (to measure, too) \
or 'coverage' (to see what the tests reach)" ;;
esac
[ $# -le 1 ] || fail "expected one argument at most, found $#"

id=unknown version=
if [ -r /etc/os-release ]; then
  # shellcheck source=/dev/null
  id=$(. /etc/os-release && echo "${ID-unknown}")
  # shellcheck source=/dev/null
  version=$(. /etc/os-release && echo "${VERSION_ID-}")
fi
if [ "$id $version" != "debian 12" ]; then
  say "this knows the package names of Debian 12; here is: $id $version" >&2
  say "install, under whatever names they have here:" >&2
  cat >&2 <<'END'
  to build:    Linux 5.11 or newer, g++ 12 or newer (or clang 14), B2 4.9 or newer (the build tool of Boost),
               Boost 1.81 or newer (headers), fmt 9 or newer, spdlog 1.10 or newer (headers)
  to test:     Boost.Test (shared library), python3, curl, ab, wrk, nc, strace, valgrind, clang, pkg-config
  to measure:  libuv, libevent
  coverage:    gcovr 5
END
  say "then go on with: b2" >&2
  exit 1
fi

missing=
for package in $wanted; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
if [ -z "$missing" ]; then
  say "all packages are there: $wanted"
  exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail "needs root; run as root: apt-get install$missing"
  as_root=sudo
fi

say "installing$missing"
$as_root apt-get update -q
# --no-remove: Boost's tools of another version would have to go; that is for the user to decide.
# shellcheck disable=SC2086 # a list of words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends --no-remove $missing ||
  fail "apt-get could not install$missing; its message is above. Other versions of Boost's tools (libboost1.74-tools-dev) \
cannot stay beside these: remove them first"
say "done"
