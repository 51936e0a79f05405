#!/usr/bin/env bash
# Adds up the counters of the .trx files in a folder and prints "N passed, N failed, N skipped".
set -euo pipefail
folder="$1"
passed=0 failed=0 skipped=0
for file in "$folder"/*.trx; do
  counters=$(grep -o '<Counters [^>]*>' "$file")
  value() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }
  total=$(value total) ok=$(value passed) bad=$(( $(value failed) + $(value error) + $(value timeout) + $(value aborted) ))
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - ok - bad))
done
echo "$passed passed, $failed failed, $skipped skipped"
