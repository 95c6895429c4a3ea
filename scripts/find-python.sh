#!/bin/sh
# Prints the Python to build .venv with: $PYTHON if set, else python3 if it is 3.10 to 3.12, else the newest of those.
# Prints nothing and ends with status 1 where there is none.
set -eu

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    if ! fits "$PYTHON"; then
        echo "PYTHON=$PYTHON is no Python 3.10, 3.11 or 3.12." >&2
        exit 1
    fi
    command -v "$PYTHON"
    exit
fi
for candidate in python3 python3.12 python3.11 python3.10; do
    if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
        command -v "$candidate"
        exit
    fi
done
exit 1
