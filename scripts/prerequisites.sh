#!/bin/sh
# Makes sure that pip can build what SparkMagic needs (gssapi has no wheels for Linux): a Python 3.10 to 3.12 with its
# headers and venv, a C compiler, the Kerberos headers. Installs what is missing with apt where it may do so without
# asking anybody, else stops with the one line to run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

missing=''  # names for people, one a line
apt='' dnf='' brew='' conda=''

need() { # need NAME APT DNF BREW CONDA
    missing="$missing
  $1"
    apt="$apt $2" dnf="$dnf $3" brew="$brew $4" conda="$conda $5"
}

has_module() {
    "$python" -c "import $1" >/dev/null 2>&1
}

look() {
    missing='' apt='' dnf='' brew='' conda=''
    if ! command -v gcc >/dev/null 2>&1 && ! command -v cc >/dev/null 2>&1 && ! command -v clang >/dev/null 2>&1; then
        need 'a C compiler' 'gcc libc6-dev' 'gcc' 'gcc' 'c-compiler'
    fi
    if ! command -v krb5-config >/dev/null 2>&1; then
        need 'the Kerberos headers (krb5-config)' 'libkrb5-dev' 'krb5-devel' 'krb5' 'krb5'
    fi
    if ! python=$("$here/find-python.sh"); then
        packages='python3 python3-dev python3-venv'
        if command -v python3 >/dev/null 2>&1; then
            packages='python3.12 python3.12-dev python3.12-venv' # the system's own is too old or too new
        fi
        need 'Python 3.10, 3.11 or 3.12 (one that lies elsewhere is taken with PYTHON=/path/to/python3.12)' \
            "$packages" 'python3.12 python3.12-devel' 'python@3.12' 'python=3.12'
        return
    fi
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    header='import os, sysconfig, sys; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'
    if ! "$python" -c "$header"; then
        need "the headers of Python $version (Python.h)" "python$version-dev" "python$version-devel" \
            "python@$version" "python=$version"
    fi
    if ! has_module venv || ! has_module ensurepip; then
        need "the venv module of Python $version" "python$version-venv" "python$version" "python@$version" \
            "python=$version"
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" -eq 0 ] && return
    command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1
}

install() {
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    start=$(date +%s)
    printf 'Installing with apt:%s ... ' "$apt"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q </dev/null >"$log" 2>&1 || true
    # shellcheck disable=SC2086 # the names are words
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 $apt </dev/null >>"$log" 2>&1; then
        printf 'failed\n'
        tail -n 20 "$log"
        return 1
    fi
    printf '%s s\n' $(($(date +%s) - start))
}

say_how() {
    echo "Missing:$missing" >&2
    if command -v apt-get >/dev/null 2>&1; then
        echo "Run: sudo apt-get install -y$apt" >&2
    elif command -v dnf >/dev/null 2>&1; then
        echo "Run: sudo dnf install -y$dnf" >&2
    elif command -v brew >/dev/null 2>&1; then
        echo "Run: brew install$brew" >&2
    elif command -v conda >/dev/null 2>&1; then
        echo "Run: conda install -y -c conda-forge$conda" >&2
    else
        printf 'Install them with the one that this machine has:\n' >&2
        printf '  %s\n' "apt-get install -y$apt" "dnf install -y$dnf" "brew install$brew" \
            "conda install -y -c conda-forge$conda" >&2
    fi
}

look
if [ -n "$missing" ] && may_install; then
    install || true
    look
fi
if [ -n "$missing" ]; then
    say_how
    exit 1
fi
echo "Prerequisites: Python $version ($python), C compiler, Kerberos headers: all there."
