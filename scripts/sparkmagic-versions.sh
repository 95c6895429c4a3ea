#!/bin/sh
# Runs the kernel tests of every route with older SparkMagics too, each in an environment of its own under build/.
# What stands beside a version is what it needs today and does not say itself.
set -eu
cd "$(dirname "$0")/.."
python=$(scripts/find-python.sh)

routes() { # VERSION REQUIREMENT…
    version=$1
    shift
    folder=build/sparkmagic-$version
    [ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "sparkmagic==$version" "$@" -e '.[test]'
    echo "SparkMagic $version, $("$folder/bin/python" --version):"
    "$folder/bin/python" -m pytest tests/kernel/test_routes.py --quiet -p no:cacheprovider
}

routes 0.20.5 'notebook<7' 'numpy<2'
routes 0.22.0
