#!/usr/bin/env bash
# Fetches promtool for the tests that hold metrics, rules and scrape job against Prometheus itself. It needs no root. The package
# is not installed, since that would start a server: one program of it is put into a cache of this user, outside the repository.
#
#   scripts/unpack-promtool.sh              Debian's package, by apt-get download (as root after apt-get update, where need be)
#   scripts/unpack-promtool.sh FILE.deb     one that is there already
set -euo pipefail

target=$(node "$(dirname "$0")/readers.mjs" --promtool)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

package=$(realpath "${1:-$work/none}")
if [ $# -eq 0 ]; then
  # Its warning about the sandbox, as root, changes nothing: apt checks the package against its signed lists all the same.
  download() (cd "$work" && apt-get download -qq prometheus)
  download || { [ "$(id -u)" = 0 ] && apt-get update -qq && download; } || exit 1
  package=$(echo "$work"/prometheus_*.deb)
fi
dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work" ./usr/bin/promtool
mkdir -p "$(dirname "$target")"
# In one step: another gate may be looking at this moment.
cp "$work/usr/bin/promtool" "$target.$$" && mv "$target.$$" "$target"
"$target" --version
