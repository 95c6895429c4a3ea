#!/bin/bash
# Amazon EMR: livyguard in JupyterHub's container on the primary node, or in any Python of that node.
#
# Run it as a step (script-runner.jar), when the applications are there. As a bootstrap action it comes before them,
# and on every node: then it suits an environment of your own, and does nothing on the other nodes. A step has arguments
# and no environment, so that each setting can be an argument, too: LIVYGUARD_WHEELS=s3://bucket/wheels/
set -euo pipefail

for setting in "$@"; do
    case $setting in
    LIVYGUARD_[A-Z]*=*) export "${setting?}" ;;
    *)
        echo "$setting is no setting; they read LIVYGUARD_NAME=value." >&2
        exit 2
        ;;
    esac
done
: "${LIVYGUARD_WHEELS:=}" # wheels: a folder, s3://bucket/folder or a page of links; no index is asked then
: "${LIVYGUARD_REQUIREMENT:=${LIVYGUARD_WHEELS:+livyguard}}" # what pip installs: livyguard==0.1.0, or the URL of a wheel
: "${LIVYGUARD_POLICY_FILE:=}"             # the policy to install: a file, or s3://…; empty: none is installed
: "${LIVYGUARD_POLICY_TO:=/etc/livyguard}" # where the policy goes
: "${LIVYGUARD_ENABLE:=--strict}"          # options of `livyguard enable`; --kernels, or nothing
: "${LIVYGUARD_CONTAINER=jupyterhub}"      # the container; empty: this node itself
: "${LIVYGUARD_PYTHON:=/opt/conda/bin/python}" # the Python that SparkMagic's kernels run in
: "${LIVYGUARD_DOCKER:=sudo docker}"
: "${LIVYGUARD_SUDO:=sudo -H}" # without a container: what is another's is changed by this; a step runs as hadoop
: "${LIVYGUARD_INSTANCE:=/mnt/var/lib/info/instance.json}" # what EMR writes of each node

if [ -f "$LIVYGUARD_INSTANCE" ] && ! grep -Eq '"isMaster" *: *true' "$LIVYGUARD_INSTANCE"; then
    echo 'Not the primary node: nothing to do.'
    exit
fi
if [ -z "$LIVYGUARD_REQUIREMENT" ]; then
    echo "Say where livyguard's wheel is: LIVYGUARD_WHEELS, or LIVYGUARD_REQUIREMENT." >&2
    exit 2
fi

read -r -a docker <<<"$LIVYGUARD_DOCKER"
read -r -a sudo <<<"$LIVYGUARD_SUDO"
read -r -a flags <<<"$LIVYGUARD_ENABLE"
bin=${LIVYGUARD_PYTHON%/*}
scratch=$(mktemp -d)
inside=$scratch # the same folder, as the container names it
cleanup() {
    rm -rf "$scratch"
    [ -z "$LIVYGUARD_CONTAINER" ] || "${docker[@]}" exec "$LIVYGUARD_CONTAINER" rm -rf "$inside" 2>/dev/null || true
}
trap cleanup EXIT

run() { # where the kernels run
    if [ -n "$LIVYGUARD_CONTAINER" ]; then
        "${docker[@]}" exec "$LIVYGUARD_CONTAINER" "$@"
    else
        "$@"
    fi
}

change() { # change FOLDER COMMAND…: as root where that folder, or what it will stand in, is another's
    local folder=$1
    shift
    if [ -n "$LIVYGUARD_CONTAINER" ] || [ "$(id -u)" = 0 ]; then
        run "$@"
        return
    fi
    while [ ! -e "$folder" ]; do folder=$(dirname "$folder"); done
    if [ "$(stat -c %u "$folder")" = "$(id -u)" ] && [ -w "$folder" ]; then
        run "$@"
    else
        "${sudo[@]}" "$@"
    fi
}

fetch() { # fetch SOURCE NAME: what may be in S3 goes to the scratch folder
    case $1 in
    s3://*/) aws s3 cp --quiet --recursive "$1" "$scratch/$2" ;;
    s3://*) aws s3 cp --quiet "$1" "$scratch/$2" ;;
    *) cp -R "$1" "$scratch/$2" ;;
    esac
}

options=()
case $LIVYGUARD_WHEELS in
'') ;;
http://* | https://*) options=(--no-index --find-links "$LIVYGUARD_WHEELS") ;;
*)
    case $LIVYGUARD_WHEELS in
    s3://*) LIVYGUARD_WHEELS=${LIVYGUARD_WHEELS%/}/ ;; # a folder, even without its last slash
    esac
    fetch "$LIVYGUARD_WHEELS" wheels
    options=(--no-index --find-links "$inside/wheels")
    ;;
esac
if [ -n "$LIVYGUARD_POLICY_FILE" ]; then
    fetch "$LIVYGUARD_POLICY_FILE" policy.toml
fi
if [ -n "$LIVYGUARD_CONTAINER" ]; then
    inside=/tmp/livyguard-${scratch##*.}
    options=(${options[@]+"${options[@]/#$scratch/$inside}"})
    "${docker[@]}" cp "$scratch" "$LIVYGUARD_CONTAINER:$inside"
fi

run "$LIVYGUARD_PYTHON" -c \
    'import sys; sys.exit("livyguard needs Python 3.10 or later." if sys.version_info < (3, 10) else 0)'
prefix=$(run "$LIVYGUARD_PYTHON" -c 'import sys; print(sys.prefix)')
pip() {
    change "$prefix" "$LIVYGUARD_PYTHON" -m pip install --quiet --no-cache-dir --disable-pip-version-check --no-input "$@" \
        ${options[@]+"${options[@]}"} "$LIVYGUARD_REQUIREMENT"
}
pip --upgrade
pip --force-reinstall --no-deps # pip takes a wheel for the one that is there if it only has the same version
if [ -n "$LIVYGUARD_POLICY_FILE" ]; then
    change "$LIVYGUARD_POLICY_TO" "$bin/livyguard" policy install "$inside/policy.toml" --to "$LIVYGUARD_POLICY_TO"
fi
change "$prefix" "$bin/livyguard" enable --sys-prefix ${flags[@]+"${flags[@]}"} # last: not without the policy that was named
