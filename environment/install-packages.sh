#!/usr/bin/env bash
# Installs what environment/apt-packages.txt lists and is absent. Needs root, or sudo, only when something is absent.
set -euo pipefail
list="$(dirname "$0")/apt-packages.txt"

installed() { dpkg -s "$1" >/dev/null 2>&1; }

wanted=()
while read -r line; do
  case "$line" in ''|'#'*) continue ;; esac
  found=
  for package in ${line//|/ }; do
    if installed "$package"; then found=yes; fi
  done
  [ -n "$found" ] || wanted+=("$line")
done < "$list"
[ ${#wanted[@]} -gt 0 ] || exit 0

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
packages=()
for line in "${wanted[@]}"; do
  for package in ${line//|/ }; do
    if apt-cache show "$package" >/dev/null 2>&1; then packages+=("$package"); break; fi
  done
done
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y --no-install-recommends "${packages[@]}"
