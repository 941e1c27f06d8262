#!/usr/bin/env bash
# The demonstration (./run): what demo.json says of certificates is what openssl finds, operators come in, everybody
# signs in, something is in each state, and doing it again changes nothing.
. "$(dirname "$0")/lib.sh"

build=${SHOMEI_BUILD:-$top/build}
var=$work/a
instance "$var" "$(free_ports)" || { report 1 "Shomei starts"; finish; }
sql() { mariadb --no-defaults --socket="$var/run/db.sock" --user="$(id -un)" -N shomei -e "$1"; }
ctl() { SHOMEI_DB_USER=shomei_ctl SHOMEI_DB_PASSWORD_FILE=$var/secret/db_ctl SOFTHSM2_CONF=$var/tokens/softhsm2.conf \
    "$build/shomeictl" --config "$var/shomei.conf" "$@"; }
is "nothing was left out" "$(grep -c 'left out' "$var/log/demo.log")" 0

# --- certificates: openssl agrees with demo.json ---
states=$(jq -r '[.certificates[].state] | unique | join(" ")' "$demo")
is "certificates in each state" "$states" "expired expiring revoked suspended valid"
is "their files are absolute and there" "$(jq -r '.certificates[] | .file, .issuer' "$demo" | while read -r f; do
    [ "${f#/}" != "$f" ] && [ -s "$f" ] || echo "$f"; done)" ""
uri() { openssl x509 -in "$1" -noout -text | sed -nE "s|.*$2(http.*)|\1|p" | head -n 1; }
ocsp() { openssl ocsp -no_nonce -issuer "$2" -cert "$1" -url "$(uri "$1" 'OCSP - URI:')" -CAfile "$root" -verify_other "$2" 2>&1; }
crls() { # the lists of the leaf's issuer and of the root
    local f
    : >"$work/crls.pem"
    for f in "$@"; do curl -sS "$(uri "$f" '^ *URI:')" | openssl crl -inform DER >>"$work/crls.pem" 2>/dev/null; done
}
listed() { openssl verify -crl_check -CAfile "$root" -untrusted "$2" -CRLfile "$work/crls.pem" "$1" 2>&1; }
ends() { openssl x509 -in "$1" -noout -checkend "$2" >/dev/null; }
agrees() { # agrees FILE ISSUER STATE
    local file=$1 issuer=$2 state=$3 name
    name=$(basename "$file" .pem)
    case $state in
    valid | expiring)
        holds "$name: openssl verify" openssl verify -CAfile "$root" -untrusted "$issuer" "$file"
        like "$name: OCSP says good" "$(ocsp "$file" "$issuer")" ': good'
        like "$name: on no list" "$(listed "$file" "$issuer")" ': OK$'
        if [ "$state" = valid ]; then holds "$name: for more than 30 days" ends "$file" 2592000
        else fails "$name: for less than 30 days" ends "$file" 2592000; fi ;;
    suspended | revoked)
        holds "$name: openssl verify, of the chain alone" openssl verify -CAfile "$root" -untrusted "$issuer" "$file"
        out=$(ocsp "$file" "$issuer")
        like "$name: OCSP says revoked" "$out" ': revoked'
        if [ "$state" = suspended ]; then like "$name: on hold" "$out" 'Reason: certificateHold'
        else like "$name: not on hold" "$(printf '%s' "$out" | grep -c certificateHold)" '^0$'; fi
        for _ in $(seq 900); do
            listed "$file" "$issuer" | grep -q revoked && break
            sleep 0.1
            crls "$file" "$issuer"
        done
        like "$name: on the list" "$(listed "$file" "$issuer")" 'certificate revoked' ;;
    expired)
        like "$name: openssl verify says expired" "$(openssl verify -CAfile "$root" -untrusted "$issuer" "$file" 2>&1)" 'has expired'
        holds "$name: was good" openssl verify -no_check_time -CAfile "$root" -untrusted "$issuer" "$file"
        like "$name: OCSP: was not revoked" "$(ocsp "$file" "$issuer")" ': good' ;;
    esac
    like "$name: the OCSP answer verifies" "$(ocsp "$file" "$issuer")" 'Response verify OK'
}
crls "$(jq -r '.certificates[0].file' "$demo")" "$(jq -r '.certificates[0].issuer' "$demo")"
while IFS=$'\t' read -r file issuer state; do
    agrees "$file" "$issuer" "$state"
done < <(jq -r '.certificates[] | [.file, .issuer, .state] | @tsv' "$demo")

# --- operators: their port, and their customer's queue ---
is "an operator for each customer" "$(jq -r '[.operators[].tenant] | sort | join(" ")' "$demo")" "midori sakura"
operator=$(jq -r .operator "$demo")
declare -A theirs=([sakura]='会議室端末 2号' [midori]='plan.midori.example')
while IFS=$'\t' read -r c k tenant; do
    is "$tenant: the key is nobody else's to read" "$(stat -c %a "$k")" 600
    other=sakura; [ "$tenant" = midori ] || other=midori
    for page in / /reviews /certificates /bulk; do
        is "$tenant: the operator opens $page" "$(curl -sS --max-time 60 -L -o "$work/page" -w '%{http_code}' --cacert "$root" --cert "$c" --key "$k" "$operator$page")" 200
        [ "$page" = /reviews ] || continue
        like "$tenant: its queue" "$(grep -o "${theirs[$tenant]}" "$work/page" | head -n 1)" '.'
        is "$tenant: not the other one's" "$(grep -c "${theirs[$other]}" "$work/page")" 0
    done
done < <(jq -r '.operators[] | [.cert, .key, .tenant] | @tsv' "$demo")

# --- applications and people ---
is "applications in every state that rules can bring about" "$(sql "SELECT GROUP_CONCAT(DISTINCT state ORDER BY state SEPARATOR ' ') FROM application")" \
    "approved draft held issued rejected returned waiting withdrawn"
is "every role has somebody" "$(jq -r '[.accounts[].roles[]] | unique | length' "$demo")" 12
is "everybody signs in" "$(python3 "$top/tests/system/demo_sign_in.py" "$demo" | grep -v ' in$')" ""

# --- once more ---
count() { sql "SELECT (SELECT COUNT(*) FROM application), (SELECT COUNT(*) FROM certificate WHERE tenant_id IS NOT NULL), (SELECT COUNT(*) FROM account),
    (SELECT COUNT(*) FROM certificate_change), (SELECT COUNT(*) FROM tenant_act), (SELECT COUNT(*) FROM audit_event WHERE action = 'demo.case.make')"; }
before=$(count)
cp "$demo" "$work/first.json"
sums() { find "$var/demo" -type f ! -name ready -exec sha256sum {} + | sort; }
was=$(sums)
holds "the command again" ctl demo --out "$var/demo"
is "makes nothing new" "$(count)" "$before"
is "and changes no file" "$(sums)" "$was"
sql "DELETE FROM tenant_service WHERE service = 'rs'"
holds "what a customer gave up" ctl demo --out "$var/demo"
is "does not come back" "$(sql "SELECT COUNT(*) FROM tenant_service WHERE service = 'rs'")" 0
# what somebody does with it later is what demo.json tells next time
one=$(jq -r '[.certificates[] | select(.state == "valid")][-1].file' "$demo")
holds "one is revoked" ctl revoke --cert "$one" --reason superseded
holds "the command again" ctl demo --out "$var/demo"
is "tells so" "$(jq -r --arg f "$one" '.certificates[] | select(.file == $f) | .state' "$demo")" revoked
finish
