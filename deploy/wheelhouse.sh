#!/bin/bash
# A folder with livyguard and all it needs as wheels, for machines without an index or a compiler:
#
#     python -m pip install --no-index --find-links wheels livyguard
#
# Run it on a machine like theirs: the same Python (3.11 is not 3.12), processor, and a glibc that is not newer. gssapi
# and krb5 have no wheels for Linux; pip builds them here, with a C compiler and the Kerberos headers.
set -euo pipefail

: "${LIVYGUARD_REQUIREMENT:=.}"     # this project's folder; '.[kubernetes]' with Kubernetes' client
: "${LIVYGUARD_WHEELS:=wheels}"     # where the wheels go
: "${LIVYGUARD_PYTHON:=python3}"    # of the version that the notebooks have
: "${LIVYGUARD_PIP:=}"              # more options of `pip wheel`: --no-deps makes livyguard's own wheel alone

missing=()
case " $LIVYGUARD_PIP " in
*' --no-deps '*) ;;
*)
    command -v cc >/dev/null || command -v gcc >/dev/null || missing+=('a C compiler (Debian, Ubuntu: gcc libc6-dev)')
    command -v krb5-config >/dev/null || missing+=('the Kerberos headers (Debian, Ubuntu: libkrb5-dev; Fedora, Amazon Linux: krb5-devel)')
    ;;
esac
if ((${#missing[@]})); then
    printf 'Missing: %s\n' "${missing[@]}" >&2
    exit 1
fi

read -r -a more <<<"$LIVYGUARD_PIP"
pip() {
    "$LIVYGUARD_PYTHON" -m pip --disable-pip-version-check --no-input "$@"
}
pip wheel --quiet --wheel-dir "$LIVYGUARD_WHEELS" --find-links "$LIVYGUARD_WHEELS" ${more[@]+"${more[@]}"} "$LIVYGUARD_REQUIREMENT"

# The folder is whole if pip could install from it into an empty environment.
read -r -a deps <<<"$([[ " $LIVYGUARD_PIP " == *' --no-deps '* ]] && echo --no-deps || true)"
pip install --quiet --dry-run --ignore-installed --no-index --find-links "$LIVYGUARD_WHEELS" ${deps[@]+"${deps[@]}"} livyguard
printf '%s: %s wheels, for Python %s on %s\n' "$LIVYGUARD_WHEELS" "$(find "$LIVYGUARD_WHEELS" -name '*.whl' | wc -l)" \
    "$("$LIVYGUARD_PYTHON" -c 'import platform as p; print(p.python_version(), "and", " ".join(p.libc_ver()))')" "$(uname -m)"
