#!/bin/sh
# Makes sure of what the tests start: Dovecot, openssl for its certificates, a container for systemd, age for backups, and a browser.
set -eu
cd "$(dirname "$0")"
PATH="$PATH:/usr/sbin:/sbin"
set --
command -v dovecot >/dev/null || set -- "$@" dovecot-imapd
command -v openssl >/dev/null || set -- "$@" openssl
command -v systemd-nspawn >/dev/null || set -- "$@" systemd-container
command -v age >/dev/null || set -- "$@" age
command -v chromium >/dev/null || set -- "$@" chromium fonts-dejavu-core
[ $# = 0 ] || sh packages.sh "$@"
