#!/usr/bin/env bash
# What `make install` leaves: complete, units that name what is there, and programs that serve from it.
. "$(dirname "$0")/lib.sh"

build=${SHOMEI_BUILD:-$top/build}
inst=$work/inst
holds "make install" make -C "$build" -s install DESTDIR="$inst"
bindir=$(find "$inst" -name shomeictl -type f -printf '%h\n')
libexec=$(find "$inst" -name portal.fcgi -type f -printf '%h\n')
data=$(find "$inst" -type d -path '*/share/shomei')
units=$(find "$inst" -type d -path '*/systemd/system')
[ -n "$bindir" ] && [ -n "$libexec" ] && [ -n "$data" ] && [ -n "$units" ] || finish

is "all templates" "$(cd "$data/templates" && find . -type f | sort | md5sum)" "$(cd "$top/templates" && find . -type f | sort | md5sum)"
is "all of static and po" "$(cd "$data" && find static po -type f | sort | md5sum)" "$(cd "$top" && find static po -type f | sort | md5sum)"
is "all migrations" "$(ls "$data/sql/schema")" "$(ls "$top/sql/schema")"
is "the certificate profiles" "$(ls "$data/sql/profiles")" "$(ls "$top/sql/profiles")"
holds "the rights of the programs' users" test -s "$data/sql/grants.txt"
is "a man page for each program" "$(find "$inst" -name '*.8' | wc -l)" "$(ls "$top"/docs/man/*.8 | wc -l)"
is "all units" "$(ls "$units")" "$(cd "$top/deploy/systemd" && ls -- *.service *.socket)"
holds "users, runtime folder, settings and nginx as examples" \
    test -s "$units/../../sysusers.d/shomei.conf" -a -s "$units/../../tmpfiles.d/shomei.conf" \
    -a -n "$(find "$inst" -path '*/examples/shomei.conf')" -a -n "$(find "$inst" -path '*/examples/shomei.conf.in')"
missing=
for program in $(sed -nE 's/^ExecStart=([^ ]+).*/\1/p' "$units"/*.service); do [ -x "$inst$program" ] || missing="$missing $program"; done
is "each unit starts a program that is installed" "$missing" ""
absent=
for secret in $(sed -nE 's/^LoadCredential=[^:]+:(.*)/\1/p' "$units"/*.service | sort -u); do
    case ${secret##*/} in http | ca_pin | signing_pin | status_pin | db_*) ;; *) absent="$absent $secret" ;; esac
done
is "units ask for secrets that there are" "$absent" ""
if command -v systemd-analyze >/dev/null; then
    # a root of its own: only our units, and programs at the paths that they name
    mkdir -p "$inst/etc/systemd/system" && cp "$units"/* "$inst/etc/systemd/system/"
    systemd-analyze verify --man=no --root="$inst" "$inst"/etc/systemd/system/shomei-*.s* >"$work/verify" 2>&1
    # targets, users and services of the operating system are not in that root
    is "systemd finds nothing unknown in them" "$(grep -iE 'unknown|invalid|failed to parse|not absolute|ignoring|bad ' "$work/verify")" ""
else
    skip "no systemd-analyze"
fi

# a tarball holds what git holds, and nothing that was built
if git -C "$top" rev-parse >/dev/null 2>&1; then
    (cd "$build" && make -s distdir distdir="$work/tar" >"$work/distdir.out" 2>&1)
    (cd "$work/tar" && find . -type f | sed 's|^\./||' | LC_ALL=C sort) >"$work/in-tar"
    (cd "$top" && git ls-files | grep -vE '^(\.ci/|\.gitignore$)' | LC_ALL=C sort) >"$work/in-git"
    is "the tarball lacks no file" "$(LC_ALL=C comm -13 "$work/in-tar" "$work/in-git")" ""
    is "and holds nothing but the build system besides" \
        "$(LC_ALL=C comm -23 "$work/in-tar" "$work/in-git" | grep -vE '^(Makefile\.in|aclocal\.m4|config\.h\.in|configure|build-aux/.*)$')" ""
else
    skip "not a git tree"
fi

# every setting of the example is one that the programs know, and every setting is explained
known=$(sed -nE 's/^    \{ "([a-z_.]+)",.*/\1/p' "$top/cgi/base/settings.c")
is "the example holds known settings only" "$(sed -nE 's/^#?([a-z_.]+) = .*/\1/p' "$top/deploy/shomei.conf" | grep -vxF "$known")" ""
is "each setting is in docs/operations.md" \
    "$(for k in $known; do grep -qF "\`$k\`" "$top/docs/operations.md" || echo "$k"; done)" ""

# a whole Shomei of installed programs, started by ./run, reading installed data
mkdir -p "$work/shim/cgi/store/gen"
for f in "$libexec"/* "$bindir/shomeictl"; do ln -s "$f" "$work/shim/${f##*/}"; done
ln -s "$data/sql/grants.txt" "$work/shim/cgi/store/gen/grants.txt"
port=$(free_ports)
export SHOMEI_BUILD=$work/shim SHOMEI_DATA=$data
instance "$work/v" "$port"
is "with installed data" "$(sed -n 's/^data_dir = //p' "$work/v/shomei.conf")" "$data"
sed -i '/^db.grants_file/d' "$work/v/shomei.conf"
ctl() {
    SOFTHSM2_CONF=$work/v/tokens/softhsm2.conf SHOMEI_DB_USER=shomei_ctl SHOMEI_DB_PASSWORD_FILE=$work/v/secret/db_ctl \
        "$bindir/shomeictl" --config "$work/v/shomei.conf" "$@"
}
is "installed migrations are all applied" "$(ctl migrate --status | grep -cE '^[0-9]{4} .*Z$')" "$(ls "$top/sql/schema" | wc -l)"
is "a dry run finds nothing to do" "$(ctl migrate --dry-run)" ""
holds "the rights are found by default" ctl grants
like "a page in Japanese" "$(curl -sS --cacert "$root" -H 'Accept-Language: ja' "$portal/")" '署名'
pdf "$work/in.pdf" classic
is "and a signature" "$(api_sign "$work/in.pdf" "$work/out.pdf" ES-T)" 200
finish
