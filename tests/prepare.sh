#!/bin/sh
# Finds what the tests need beside Python packages: Chromium, a CJK font, and the programs of PostgreSQL,
# which they start themselves in a temporary folder. As root it installs what is missing with apt;
# otherwise it stops with the one command to type.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="chromium"
if ! fc-list :lang=zh 2>/dev/null | grep -q .; then
    missing="$missing fontconfig fonts-noto-cjk"
fi
if ! command -v initdb >/dev/null 2>&1 && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    missing="$missing postgresql"
fi
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "missing for the tests:$missing. Type: sudo apt-get update && sudo apt-get install -y $missing" >&2
    exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
