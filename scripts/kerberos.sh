#!/bin/sh
# A Kerberos KDC for the tests against a real realm: the machine's own where it has one, else Debian's packages,
# unpacked below .cache and not installed, so no service starts and nothing asks. Never fails the run: the tests that
# need it say what is missing.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH${SBIN-:/usr/sbin:/sbin} # where daemons are, which is not in everybody's PATH
folder=.cache/kerberos
patience='-o Acquire::Retries=0 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10'

has() {
    for tool in krb5kdc kdb5_util kadmin.local kinit klist; do
        command -v "$tool" >/dev/null 2>&1 || [ -x "$folder/bin/$tool" ] || return 1
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

# The packages, and those of their libraries that are not there, in the versions that fit.
packages() {
    apt-get install --simulate --no-install-recommends krb5-kdc krb5-admin-server krb5-user 2>/dev/null |
        awk '$1 == "Inst" && $2 ~ /^(krb5-(kdc|admin-server|user)|lib(ev4|gss|k5|kadm5|kdb5|krb5|ss2|verto).*)$/ { print $2 }'
}

# download NAME...
download() {
    wanted=$#
    # shellcheck disable=SC2086 # the options are words
    (cd "$folder/packages" && apt-get download -q $patience "$@") && set -- "$folder"/packages/*.deb && [ $# -eq "$wanted" ]
}

unpack() {
    rm -rf "$folder"
    mkdir -p "$folder/packages" "$folder/bin" "$folder/lib"
    names=$(packages)
    # shellcheck disable=SC2086 # the names are words
    if [ -z "$names" ] || ! download $names; then
        # shellcheck disable=SC2086
        as_root apt-get update -q $patience || return 1 # apt does not know its archive yet, or knows an old one
        rm -f "$folder"/packages/*.deb
        names=$(packages)
        [ -n "$names" ] || {
            echo 'apt knows no krb5-kdc'
            return 1
        }
        download $names || return 1
    fi
    for package in "$folder"/packages/*.deb; do
        dpkg-deb --extract "$package" "$folder/root"
    done
    rm -r "$folder/packages"
    for tool in "$folder"/root/usr/bin/* "$folder"/root/usr/sbin/*; do
        name=${tool##*/}
        ln -s "../${tool#"$folder/"}" "$folder/bin/${name%.mit}" # Debian 13 calls them kinit.mit and so on
    done
    for library in "$folder"/root/usr/lib/*/*.so* "$folder"/root/usr/lib/*/krb5/plugins/kdb; do
        [ -e "$library" ] && ln -s "../${library#"$folder/"}" "$folder/lib/"
    done
    has
}

if has || ! command -v apt-get >/dev/null 2>&1; then
    exit 0
fi
mkdir -p .cache
log=$(mktemp)
trap 'rm -f "$log"' EXIT
printf 'Unpacking a Kerberos KDC from Debian below %s, for the tests against a real realm ... ' "$folder"
start=$(date +%s)
if unpack </dev/null >"$log" 2>&1; then
    printf '%s s\n' $(($(date +%s) - start))
else
    rm -rf "$folder"
    printf 'not to be had (%s); those tests will be skipped\n' "$(tail -n 1 "$log")"
fi
