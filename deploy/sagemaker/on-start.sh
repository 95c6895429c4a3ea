#!/bin/bash
# SageMaker notebook instance, lifecycle configuration "Start notebook": livyguard in the environment whose kernels are
# SparkMagic's. It runs as root at every start, because an instance keeps nothing but /home/ec2-user/SageMaker. The
# environments are their users', who may have put anything into them: nothing of theirs runs as root.
#
# SageMaker gives it 300 seconds. It waits LIVYGUARD_WAIT of them; what pip has not finished by then goes on in the
# background. What is fetched is fetched first, and the guard is enabled last: where a policy was named, no kernel is
# guarded without it. Only with LIVYGUARD_REQUIRED=1 does the instance not start if something fails or is not finished
# in time; without it, nobody is limited then.
set -euo pipefail
umask 022

# Settings: edit them here, or set them before.
: "${LIVYGUARD_WHEELS:=}" # wheels: a folder, s3://bucket/folder or a page of links; no index is asked then
: "${LIVYGUARD_REQUIREMENT:=${LIVYGUARD_WHEELS:+livyguard}}" # what pip installs: livyguard==0.1.0, or a wheel's path or URL
: "${LIVYGUARD_POLICY_FILE:=}"             # the policy to install: a file, or s3://…; empty: none is installed
: "${LIVYGUARD_POLICY_TO:=/etc/livyguard}" # where the policy goes
: "${LIVYGUARD_ENABLE:=--strict}"          # options of `livyguard enable`; --kernels, or nothing
: "${LIVYGUARD_ENVS:=/home/ec2-user/anaconda3/envs}" # where environments are looked for
: "${LIVYGUARD_PYTHON:=}"                  # the environment's Python; empty: the first environment with SparkMagic
: "${LIVYGUARD_WAIT:=200}"                 # seconds
: "${LIVYGUARD_REQUIRED:=}"                # 1: a failure is the instance's failure; what a policy needs
: "${LIVYGUARD_LOG:=/var/log/livyguard-install.log}"

PATH=$PATH:/usr/local/bin:/usr/bin:/bin # a lifecycle script has a short one
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1

has_sparkmagic() {
    [ -x "$1" ] && as_owner "$1" "$1" -c \
        'import importlib.util as u, sys; sys.exit(u.find_spec("sparkmagic") is None)' 2>/dev/null
}

find_python() {
    local folder
    for folder in "$LIVYGUARD_ENVS/JupyterSystemEnv" "$LIVYGUARD_ENVS"/*; do
        if has_sparkmagic "$folder/bin/python"; then
            echo "$folder/bin/python"
            return
        fi
    done
    echo "No environment in $LIVYGUARD_ENVS has SparkMagic; name its Python in LIVYGUARD_PYTHON." >&2
    return 1
}

as_owner() { # as_owner PYTHON COMMAND…: as whom PYTHON's environment belongs to; no file in it becomes root's, either
    local owner
    owner=$(stat -c %U "${1%/*}")
    shift
    if [ "$(id -un)" = "$owner" ]; then
        "$@"
    else
        runuser -u "$owner" -- env HOME="$(getent passwd "$owner" | cut -d: -f6)" "$@"
    fi
}

place() { # place FILE: the policy, whole at any moment; the one before stays beside it
    local to=$LIVYGUARD_POLICY_TO
    case $to in *.toml) ;; *) to=$to/policy.toml ;; esac
    mkdir -p "${to%/*}"
    if ! cmp -s "$1" "$to"; then
        [ ! -e "$to" ] || cp -p "$to" "$to.bak"
        cp "$1" "$to.new"
        chmod 644 "$to.new"
        mv -f "$to.new" "$to"
    fi
    chmod 644 "$to"
}

from_s3() { # from_s3 SOURCE: prints the local name of what may be in S3
    case $1 in
    s3://*/) aws s3 cp --quiet --recursive "$1" "$scratch/wheels" >&2 && echo "$scratch/wheels" ;;
    s3://*) aws s3 cp --quiet "$1" "$scratch/${1##*/}" >&2 && echo "$scratch/${1##*/}" ;;
    *) echo "$1" ;;
    esac
}

install() {
    local python wheels policy told scratch
    local -a options=() flags=()
    scratch=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$scratch'" EXIT
    chmod 755 "$scratch"
    echo "$(date -u +%FT%TZ) livyguard: $LIVYGUARD_REQUIREMENT"
    if [ -z "$LIVYGUARD_REQUIREMENT" ]; then
        echo "Say where livyguard's wheel is: LIVYGUARD_WHEELS, or LIVYGUARD_REQUIREMENT." >&2
        return 2
    fi
    python=${LIVYGUARD_PYTHON:-$(find_python)}
    as_owner "$python" "$python" -c \
        'import sys; sys.exit("livyguard needs Python 3.10 or later." if sys.version_info < (3, 10) else 0)'
    if [ -n "$LIVYGUARD_WHEELS" ]; then
        case $LIVYGUARD_WHEELS in
        s3://*) LIVYGUARD_WHEELS=${LIVYGUARD_WHEELS%/}/ ;; # a folder, even without its last slash
        esac
        wheels=$(from_s3 "$LIVYGUARD_WHEELS")
        options=(--no-index --find-links "$wheels")
    fi
    if [ -n "$LIVYGUARD_POLICY_FILE" ]; then
        policy=$(from_s3 "$LIVYGUARD_POLICY_FILE")
        cp "$policy" "$scratch/readable.toml"
        policy=$scratch/readable.toml
        chmod 644 "$policy"
    fi
    as_owner "$python" "$python" -m pip install --quiet --upgrade ${options[@]+"${options[@]}"} "$LIVYGUARD_REQUIREMENT"
    # Once more, itself alone: pip takes a wheel for the one that is there if it only has the same version.
    as_owner "$python" "$python" -m pip install --quiet --force-reinstall --no-deps ${options[@]+"${options[@]}"} \
        "$LIVYGUARD_REQUIREMENT"
    if [ -n "$LIVYGUARD_POLICY_FILE" ]; then
        told=$(as_owner "$python" "${python%/*}/livyguard" \
            policy install "$policy" --to "$LIVYGUARD_POLICY_TO" --dry-run)
        place "$policy"
        echo "${told/#Would be installed:/Installed:}"
    fi
    read -r -a flags <<<"$LIVYGUARD_ENABLE"
    as_owner "$python" "${python%/*}/livyguard" enable --sys-prefix ${flags[@]+"${flags[@]}"}
}

(
    trap '' HUP
    install
) >>"$LIVYGUARD_LOG" 2>&1 </dev/null &
job=$!
for ((tenth = 0; tenth < 10 * LIVYGUARD_WAIT; tenth++)); do
    kill -0 "$job" 2>/dev/null || break
    sleep 0.1
done
if kill -0 "$job" 2>/dev/null; then
    echo "livyguard is still being installed; $LIVYGUARD_LOG tells. Kernels that start before are not guarded."
    [ "$LIVYGUARD_REQUIRED" != 1 ]
elif wait "$job"; then
    tail -n 3 "$LIVYGUARD_LOG"
else
    echo "livyguard could not be installed, and the kernels may be unguarded; the end of $LIVYGUARD_LOG:" >&2
    tail -n 5 "$LIVYGUARD_LOG" >&2
    [ "$LIVYGUARD_REQUIRED" != 1 ]
fi
