#!/usr/bin/env bash
# Fetches the other versions of Node that the package is tested with, from npm, into a cache of this user outside the repository.
# It needs no root, and puts nothing on the PATH.
set -euo pipefail

cache=$(node "$(dirname "$0")/readers.mjs" --nodes)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
package=node-linux-$(node -p process.arch)

for version in 22 24 26; do
  target=$cache/node-$version
  [ -x "$target" ] && continue
  mkdir "$work/$version"
  npm install --prefix "$work/$version" --no-save --no-audit --no-fund --silent "$package@$version"
  mkdir -p "$cache"
  # In one step: another gate may be looking at this moment.
  cp "$work/$version/node_modules/$package/bin/node" "$target.$$" && mv "$target.$$" "$target"
  "$target" --version
done
