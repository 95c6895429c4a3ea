#!/bin/sh
# Takes livyguard out of an environment: its start-up file, the package, and on demand the policy. What it needed stays,
# since something else may need it by now; `pip list --not-required` tells.
#
# The start-up file goes first, and livyguard itself is not asked for it: one that says --strict refuses Spark cells
# where livyguard is gone or does not load.
set -eu

: "${LIVYGUARD_PYTHON:=python3}" # the environment's
: "${LIVYGUARD_POLICY_TO:=}"     # remove the policy of this folder, too: /etc/livyguard; empty: it stays

if ! prefix=$("$LIVYGUARD_PYTHON" -c 'import sys; print(sys.prefix)'); then
    echo "$LIVYGUARD_PYTHON is no Python here; name the environment's in LIVYGUARD_PYTHON. Nothing was removed." >&2
    exit 2
fi

found=
own=${IPYTHONDIR:-${HOME:-}/.ipython}
for ipython in "$prefix/etc/ipython" "$own/profile_default"; do
    file=$ipython/startup/50-livyguard.py
    if [ ! -e "$file" ]; then
        continue
    elif ! grep -q _LivyguardStartup "$file"; then
        echo "$file is not livyguard's; it stays as it is."
        continue
    fi
    rm "$file"
    echo "Disabled: $file"
    found=1
    rmdir "$ipython/startup" "$ipython" "${ipython%/*}" 2>/dev/null || true # the first that is not empty ends it
done
rmdir "$own" 2>/dev/null || true # `livyguard enable` had IPython make it

if ! said=$("$LIVYGUARD_PYTHON" -m pip --disable-pip-version-check uninstall --yes livyguard 2>&1); then
    echo "$said" >&2
    exit 1
fi
case $said in *'Successfully uninstalled livyguard'*)
    echo "Removed: livyguard, from $prefix"
    found=1
    ;;
esac
if [ -z "$found" ]; then
    echo "livyguard is not in $prefix: nothing to remove."
fi
if [ -n "$LIVYGUARD_POLICY_TO" ] && [ -d "$LIVYGUARD_POLICY_TO" ]; then
    rm -f "$LIVYGUARD_POLICY_TO/policy.toml" "$LIVYGUARD_POLICY_TO/policy.toml.bak"
    if rmdir "$LIVYGUARD_POLICY_TO" 2>/dev/null; then
        echo "Removed: $LIVYGUARD_POLICY_TO"
    else
        echo "Left in $LIVYGUARD_POLICY_TO: $(ls "$LIVYGUARD_POLICY_TO")"
    fi
fi
