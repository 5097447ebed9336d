#!/bin/sh
# Installs Debian packages when it may (as root, or with sudo that asks nothing); otherwise says which command to run.
set -eu
if [ "$(id -u)" = 0 ]; then
    become=""
elif sudo -n true 2>/dev/null; then
    become="sudo"
else
    echo "Please run: sudo apt-get install --no-install-recommends $*" >&2
    exit 1
fi
if ! command -v apt-get >/dev/null; then
    echo "Please install with this system's package manager what Debian calls: $*" >&2
    exit 1
fi
echo "Installing $* …" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $become apt-get update -q && $become apt-get install -q -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "Please run: sudo apt-get install --no-install-recommends $*" >&2
    exit 1
fi
