#!/bin/sh
# Makes the virtual environment $1 with the first Python that is 3.11 or newer.
set -eu
for python in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "Making $1 with $("$python" --version) …"
        "$python" -m venv --clear "$1" && exit 0
        rm -rf "$1"
        echo "The module venv of $python does not work. On Debian: apt-get install python3-venv" >&2
    fi
done
echo "Handover needs Python 3.11 or newer. Install it, or name one: make PYTHON=/path/to/python3.11 run" >&2
exit 1
