#!/bin/sh
# Makes .venv with livyguard (editable), the sandbox, the tests' and the linters' packages. Does nothing where that is
# done already and pyproject.toml has not changed since.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
venv=.venv
stamp=$venv/livyguard-stamp

python=$("$here/find-python.sh")
# Whatever pip's answer depends on: the project's metadata and the Python.
state=$(cat pyproject.toml | cksum)-$("$python" -c 'import sys; print(sys.version.split()[0])')
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ] && "$venv/bin/python" -c 'import livyguard' 2>/dev/null; then
    exit
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
step() { # step LABEL COMMAND...
    label=$1
    shift
    start=$(date +%s)
    printf '%s ... ' "$label"
    if ! "$@" >"$log" 2>&1 </dev/null; then
        printf 'failed\n\nThe last lines of its log:\n'
        tail -n 40 "$log"
        exit 1
    fi
    printf '%s s\n' $(($(date +%s) - start))
}

if ! "$venv/bin/python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
    step "Making $venv with $python" "$python" -m venv --clear "$venv"
fi
rm -f "$stamp"
pip() {
    "$venv/bin/python" -m pip --disable-pip-version-check --no-input "$@"
}
step 'Upgrading pip (dependency groups want 25.1)' pip install --upgrade 'pip>=25.1'
step 'Installing livyguard, SparkMagic, PySpark and the tools of the tests (some minutes the first time)' \
    pip install --editable '.[sandbox,test]' --group lint
printf '%s' "$state" >"$stamp"
