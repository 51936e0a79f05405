#!/usr/bin/env bash
# From a bare Debian or Ubuntu machine and a checkout to a built bft: system packages, .NET SDK, NuGet packages, build, Jupyter kernel.
# Safe to run again. TorchBackend=cuda in the environment builds for a GPU. Options:
#   --no-system  leaves system packages alone: nothing is written outside the home folder and the checkout
#   --only-bft   builds the command and what it needs, not the tests
#   --no-build   takes what is built
#   --no-kernel  leaves Jupyter alone
set -euo pipefail
cd "$(dirname "$0")/.."

system=yes build=yes kernel=yes what=()
for option in "$@"; do
  case "$option" in
    --no-system) system= ;;
    --only-bft) what=(src/Bft.Cli) ;;
    --no-build) build= ;;
    --no-kernel) kernel= ;;
    *) echo "set-up.sh: unknown option '$option'; there are --no-system, --only-bft, --no-build and --no-kernel." >&2; exit 2 ;;
  esac
done

[ -z "$system" ] || environment/install-packages.sh

if ! dotnet --version >/dev/null 2>&1; then
  command -v curl >/dev/null || { echo "set-up.sh: neither the .NET SDK of global.json nor curl to fetch it is there; install one of them." >&2; exit 1; }
  curl -fsSL https://dot.net/v1/dotnet-install.sh -o /tmp/dotnet-install.sh
  bash /tmp/dotnet-install.sh --jsonfile global.json --install-dir "$HOME/.dotnet"
  export PATH="$HOME/.dotnet:$PATH"
  echo "The .NET SDK is in $HOME/.dotnet: add it to PATH in your shell's profile."
fi

if [ -n "$build" ]; then
  # The lock files are those of the CPU build.
  locked=(--locked-mode)
  [ "${TorchBackend:-cpu}" = cpu ] || locked=()
  dotnet restore "${locked[@]}" "${what[@]}"
  dotnet build -c Release --no-restore "${what[@]}"
fi
dotnet tool restore || echo "The last .NET Interactive was not restored (see above); only tests that run notebooks in it need it."

if [ -n "$kernel" ]; then
  dotnet run -c Release --no-build --project src/Bft.Cli -- notebook install \
    || echo "The Jupyter kernel was not installed (see above); 'bft notebook install --name NAME' takes another name."
fi
