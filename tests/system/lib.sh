# Sourced by tests/system/test_*.sh: TAP, and a whole Shomei on ports of the test's own.
# shellcheck shell=bash
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d /tmp/shomei-sys-XXXXXX)
tests=0
failures=0
instance_pid=

report() { # report STATUS NAME
    tests=$((tests + 1))
    if [ "$1" = 0 ]; then echo "ok $tests - $2"; else
        echo "not ok $tests - $2"
        failures=$((failures + 1))
    fi
}
# holds NAME COMMAND...: the command succeeds; its output is shown when it does not
holds() {
    local name=$1; shift
    if "$@" >"$work/holds.out" 2>&1; then report 0 "$name"; else
        tail -n 15 "$work/holds.out" | sed 's/^/# /'
        report 1 "$name"
    fi
}
fails() { local name=$1; shift; if "$@" >"$work/holds.out" 2>&1; then report 1 "$name"; else report 0 "$name"; fi; }
# is NAME GOT WANT
is() { if [ "$2" = "$3" ]; then report 0 "$1"; else echo "# got  '$2'"; echo "# want '$3'"; report 1 "$1"; fi; }
# like NAME TEXT PATTERN
like() { if printf '%s' "$2" | grep -qE -- "$3"; then report 0 "$1"; else printf '%s\n' "$2" | head -n 5 | sed 's/^/# /'; echo "# want /$3/"; report 1 "$1"; fi; }
skip() { tests=$((tests + 1)); echo "ok $tests # SKIP $1"; }

# A port P with P..P+3 free.
free_ports() {
    local p
    for _ in $(seq 100); do
        p=$((20000 + RANDOM % 12000)) # below the range of outgoing connections
        if ! ss -Hltn 2>/dev/null | grep -qE ":($p|$((p + 1))|$((p + 2))|$((p + 3)))\b"; then echo "$p"; return; fi
    done
    echo "no free ports" >&2; exit 2
}

# instance VAR PORT: start ./run and wait for its ready line
instance() {
    SHOMEI_VAR=$1 SHOMEI_PORT=$2 "$top/run" >"$1.out" 2>"$1.err" &
    instance_pid=$!
    for _ in $(seq 1200); do
        grep -q '^Shomei is ready: ' "$1.out" && break
        kill -0 $instance_pid 2>/dev/null || { sed 's/^/# /' "$1.err"; return 1; }
        sleep 0.1
    done
    demo=$1/demo/demo.json
    portal=$(jq -r .portal "$demo"); api=$(jq -r .api "$demo"); repository=$(jq -r .repository "$demo")
    root=$(jq -r .trust_root "$demo")
    cert=$(jq -r .api_client.cert "$demo"); key=$(jq -r .api_client.key "$demo")
    seal=$(jq -r .api_client.credential "$demo")
    grep -q '^Shomei is ready: ' "$1.out"
}
stop_instance() { [ -z "$instance_pid" ] || { kill -TERM "$instance_pid" 2>/dev/null; wait "$instance_pid" 2>/dev/null; }; instance_pid=; }

cleanup() { :; } # a test's own, before its folder goes
finish() {
    stop_instance
    cleanup
    echo "1..$tests"
    if [ $failures != 0 ] && [ -n "${SHOMEI_KEEP:-}" ]; then echo "# kept: $work"; else rm -rf "$work"; fi
    trap - EXIT
    [ $failures = 0 ] && [ $tests -gt 0 ]
    exit
}
trap 'stop_instance; cleanup; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

account() { jq -r --arg l "$1" --arg f "$2" '.accounts[] | select(.login == $l) | .[$f]' "$demo"; }
api_curl() { curl -sS --max-time 60 --cacert "$root" --cert "$cert" --key "$key" "$@"; }
# api_sign FILE OUT LEVEL [curl arguments...]: prints the status
api_sign() {
    local in=$1 out=$2 level=$3; shift 3
    api_curl -o "$out" -D "$work/headers" -w '%{http_code}' -F "document=@$in;type=application/pdf" \
        -F "credential=$seal" -F "level=$level" "$@" "$api/rs/v1/sign"
}
header() { sed -nE "s/^$1: (.*)\r$/\1/Ip" "$work/headers" | tail -n 1; }

# pdf FILE KIND: a PDF made here: classic, stream (xref stream, object streams), linear
pdf() {
    python3 "$top/tests/data/make_pdf.py" "$work/plain.pdf"
    case $2 in
    classic) cp "$work/plain.pdf" "$1" ;;
    stream) qpdf --object-streams=generate "$work/plain.pdf" "$1" ;;
    linear) qpdf --linearize "$work/plain.pdf" "$1" ;;
    esac
}

# nss: a certificate store for pdfsig that trusts our root
nss() {
    rm -rf "$work/nss"; mkdir -p "$work/nss"
    certutil -N -d "$work/nss" --empty-password
    certutil -A -d "$work/nss" -n shomei -t 'C,C,C' -i "$root"
}
# pdfsig_valid FILE N: pdfsig finds N signatures, all valid, all by certificates it trusts
pdfsig_valid() {
    pdfsig -nssdir "$work/nss" "$1" >"$work/pdfsig.out" 2>&1
    cat "$work/pdfsig.out"
    [ "$(grep -c 'Signature Validation: Signature is Valid' "$work/pdfsig.out")" = "$2" ] &&
        [ "$(grep -c 'Certificate Validation: Certificate is Trusted' "$work/pdfsig.out")" = "$2" ]
}
