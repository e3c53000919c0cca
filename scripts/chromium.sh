#!/bin/sh
# The browser tests play in a real Chromium; where there is none it is installed with the system's packages.
set -eu
for name in ${CHROMIUM:-} chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Chromium is missing. Install it, or name one: CHROMIUM=/path/to/chromium make test" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "Chromium is missing, and installing it needs root. Run once: sudo apt-get install -y chromium fonts-noto-cjk" >&2
    exit 1
fi
echo "Installing Chromium and Chinese fonts …"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update
$as_root apt-get -qq install -y --no-install-recommends chromium fonts-noto-cjk >/dev/null
