#!/bin/sh
# Makes .venv with livyguard (editable), the sandbox, the tests', the linters' and Sphinx's packages. Does nothing where
# that is done already and pyproject.toml has not changed since.
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
# The two have no Linux wheels, and pip would build them one after the other.
wheels=.cache/wheels
build() {
    status=0
    pip wheel --no-deps --wheel-dir "$wheels" gssapi &
    pip wheel --no-deps --wheel-dir "$wheels" krb5 || status=$?
    wait "$!" || status=$?
    return "$status"
}
mkdir -p "$wheels"
if ! pip show --quiet gssapi krb5 >/dev/null 2>&1; then
    step 'Building gssapi and krb5, which SparkMagic logs in with' build
fi
step 'Installing livyguard, SparkMagic, PySpark and the tools of the tests (some minutes the first time)' \
    pip install --find-links "$wheels" --editable '.[docs,sandbox,test]' --group lint
printf '%s' "$state" >"$stamp"
