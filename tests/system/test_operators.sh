#!/usr/bin/env bash
# The operators' port (P1-08, P3-65) through nginx and TLS: who comes in, who does not, who is out at once also
# on a connection that was open before; nothing but the pages of operators answers there.
. "$(dirname "$0")/lib.sh"

build=${SHOMEI_BUILD:-$top/build}
instance "$work/a" "$(free_ports)" || { report 1 "Shomei starts"; finish; }
operator=$(jq -r .operator "$demo"); operator=${operator%/}
var=$work/a
sql() { mariadb --no-defaults --socket="$var/run/db.sock" --user="$(id -un)" -N shomei -e "$1"; }
ctl() { SHOMEI_DB_USER=shomei_ctl SHOMEI_DB_PASSWORD_FILE=$var/secret/db_ctl SOFTHSM2_CONF=$var/tokens/softhsm2.conf \
    "$build/shomeictl" --config "$var/shomei.conf" "$@"; }
request() { openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj "/CN=$1" 2>"$work/req.err"; }
# person NAME TENANT ROLES: an active account
person() {
    holds "$1 is invited" ctl account invite "$1" --tenant "$2" --name "$1" --email "$1@example.jp" --lang ja --roles "$3"
    sql "UPDATE account SET state = 'active', state_reason = '', password_hash = '\$argon2id\$none' WHERE login = '$1'"
}
certified() { # certified NAME: an operator certificate
    request "$1"
    holds "$1 gets an operator certificate" ctl certificate --profile lra-operator --account "$1" --csr "$work/$1.csr" --out "$work/$1.pem"
}
as() { local n=$1; shift; curl -sS --max-time 60 -o "$work/body" -w '%{http_code}' --cacert "$root" --cert "$work/$n.pem" --key "$work/$n.key" "$@" 2>"$work/curl.err"; }
nobody() { curl -sS --max-time 60 -o "$work/body" -w '%{http_code}' --cacert "$root" "$@" 2>"$work/curl.err"; }

tenant=$(sql "SELECT code FROM tenant WHERE kind = 'customer' ORDER BY id LIMIT 1")
other=$(sql "SELECT code FROM tenant WHERE kind = 'customer' ORDER BY id LIMIT 1, 1")
person ope-one "$tenant" lra_operator
person ope-two "$other" lra_operator
person no-ope "$tenant" end_user
certified ope-one
certified ope-two
request no-ope
fails "nobody else gets one" ctl certificate --profile lra-operator --account no-ope --csr "$work/no-ope.csr" --out "$work/no-ope.pem"
fails "nor does the profile go with another" ctl certificate --profile client --account ope-one --csr "$work/no-ope.csr" --out "$work/no-ope.pem"

# --- who comes in ---
is "an operator comes in" "$(as ope-one "$operator/")" 200
like "by name" "$(cat "$work/body")" 'ope-one'
is "the queue is there" "$(as ope-one "$operator/reviews")" 200
is "the certificates are there" "$(as ope-one "$operator/certificates")" 200
is "the other customer's operator comes in too" "$(as ope-two "$operator/")" 200
like "by name" "$(cat "$work/body")" 'ope-two'
one=$(sql "SELECT id FROM certificate WHERE account_id = (SELECT id FROM account WHERE login = 'ope-one')")
is "a certificate of the own customer is shown" "$(as ope-one "$operator/certificates/$one")" 200
is "another customer's is not there" "$(as ope-two "$operator/certificates/$one")" 404
is "nor can it be revoked" "$(as ope-two "$operator/certificates/$one/revoke")" 404
is "without a certificate there is a page that says what to do" "$(nobody "$operator/")" 401
like "in words" "$(cat "$work/body")" '電子証明書が必要です'
is "and nothing else" "$(nobody "$operator/reviews")" 401
is "a system's certificate is no operator's" "$(curl -sS -o "$work/body" -w '%{http_code}' --cacert "$root" --cert "$cert" --key "$key" "$operator/reviews")" 401
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/own.key" -out "$work/own.pem" -subj /CN=ope-one -days 9 2>"$work/req.err"
is "a home-made certificate in somebody's name is refused" "$(as own "$operator/reviews")" 401
like "with the page in words" "$(cat "$work/body")" 'オペレータ'

# --- many at once, and renewed (P1-09) ---
csrf() { sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$work/body" | head -1; }
# many FILE: upload, checked, started, done
many() {
    as ope-one "$operator/bulk" >"$work/status"
    is "$1: uploaded" "$(as ope-one -D "$work/head" -F "csrf=$(csrf)" -F profile=user-auth -F "file=@$work/$1.csv" "$operator/bulk")" 303
    run=$(sed -n 's|^[Ll]ocation: .*/bulk/\([A-Za-z0-9_-]*\).*|\1|p' "$work/head" | tr -d '\r')
    await_sql "$1: checked, one row is ready" "SELECT COUNT(*) FROM bulk_row w JOIN bulk_run r ON r.id = w.run_id WHERE r.public_id = '$run' AND r.state = 'checked' AND w.state = 'ready'"
    as ope-two "$operator/bulk" >"$work/status"
    is "$1: unknown to the other customer's operator" "$(as ope-two -d "csrf=$(csrf)" "$operator/bulk/$run/start")" 404
    as ope-one "$operator/bulk/$run" >"$work/status"
    is "$1: started" "$(as ope-one -d "csrf=$(csrf)" "$operator/bulk/$run/start")" 200
    await_sql "$1: issued" "SELECT COUNT(*) FROM bulk_row w JOIN bulk_run r ON r.id = w.run_id WHERE r.public_id = '$run' AND r.state = 'done' AND w.state = 'done'"
}
await_sql() { # await_sql NAME SELECT: 1 within a minute or two
    local i
    for i in $(seq 120); do [ "$(sql "$2")" = 1 ] && break; sleep 0.3; done
    is "$1" "$(sql "$2")" 1
}
printf 'Operation,ID,Account,Key\nISSUE,1,taro@sakura.example,PKCS12\n' >"$work/issue.csv"
many issue
first=$(sql "SELECT certificate_id FROM bulk_row WHERE ref = '1' AND operation = 'issue'")
sql "UPDATE certificate SET not_after = NOW(6) + INTERVAL 20 DAY WHERE id = $first"
printf 'Operation,ID,Serial,Key\nRENEW,2,%s,PKCS12\n' "$(sql "SELECT LOWER(HEX(serial)) FROM certificate WHERE id = $first")" >"$work/renew.csv"
many renew
is "the old certificate has its successor, and its chain of notices ends" "$(sql "SELECT COUNT(*) FROM certificate o JOIN certificate n ON n.id = o.replaced_by AND n.renews = o.id WHERE o.id = $first AND n.state = 'issued'")" 1
like "which its history tells" "$(sql "SELECT GROUP_CONCAT(kind) FROM certificate_change WHERE certificate_id = $first")" replaced

# --- what is not there ---
for path in login users documents documents/new certificates/apply overview applications credentials security systems audit envelopes verify \
    operators operators/mine tenants profiles mails my-data contact styleguide password/forgot revoke certificates/notices metrics; do
    is "/$path is not there" "$(as ope-one "$operator/$path")" 404
done

# --- what a client may claim ---
pem=$(sed ':a;N;$!ba;s/\n/%0A/g; s/ /%20/g; s/+/%2B/g' "$work/ope-one.pem" | sed 's/%0A-----BEGIN.*//2')
for h in "X-SSL-Client-Cert: $pem" "SSL-Client-Cert: $pem" "SSL_CLIENT_CERT: $pem" "X-Client-Cert: $pem"; do
    is "a header ${h%%:*} is nobody's certificate" "$(nobody -H "$h" -H "${h%%[-_]C*}-Verify: SUCCESS" -H 'SSL-Client-Verify: SUCCESS' "$operator/reviews")" 401
done
is "nor on the portal" "$(nobody -H "X-SSL-Client-Cert: $pem" -H 'X-SSL-Client-Verify: SUCCESS' "$portal/reviews")" 303

# --- a connection that stays open ---
cat >"$work/kept.py" <<'PY'
# kept.py HOST PORT CA CERT KEY: reads a line, asks for /reviews on one and the same connection, prints the status
import http.client, ssl, sys
host, port, ca, cert, key = sys.argv[1:]
c = ssl.create_default_context(cafile=ca)
c.load_cert_chain(cert, key)
h = http.client.HTTPSConnection(host, int(port), context=c, timeout=60)
h.connect()
first = h.sock
for line in sys.stdin:
    h.request("GET", "/reviews")
    r = h.getresponse()
    r.read()
    print(r.status, "same" if h.sock is first else "another", flush=True)
PY
at=${operator#https://}
coproc KEPT { python3 "$work/kept.py" "${at%:*}" "${at#*:}" "$root" "$work/ope-one.pem" "$work/ope-one.key" 2>"$work/kept.err"; }
asked() { echo >&"${KEPT[1]}"; local line; read -r -t 60 line <&"${KEPT[0]}"; echo "$line"; }
is "on a connection: in" "$(asked)" "200 same"
sql "UPDATE account SET state = 'suspended' WHERE login = 'ope-one'"
is "the account is suspended: out, on the same connection" "$(asked)" "401 same"
sql "UPDATE account SET state = 'active' WHERE login = 'ope-one'"
is "resumed: in again" "$(asked)" "200 same"
holds "the certificate is suspended" ctl revoke --cert "$work/ope-one.pem" --reason certificateHold
is "out, on the same connection" "$(asked)" "401 same"
holds "and released" ctl revoke --cert "$work/ope-one.pem" --release
is "in again" "$(asked)" "200 same"
holds "the certificate is revoked" ctl revoke --cert "$work/ope-one.pem" --reason keyCompromise
is "out for good, on the same connection" "$(asked)" "401 same"
is "and on a new one" "$(as ope-one "$operator/reviews")" 401
eval "exec ${KEPT[1]}>&-"
wait "$KEPT_PID" 2>/dev/null
is "the other operator is not touched by that" "$(as ope-two "$operator/reviews")" 200

# --- no session is resumed: each connection proves the key again ---
echo | openssl s_client -connect "$at" -CAfile "$root" -cert "$work/ope-two.pem" -key "$work/ope-two.key" -tls1_2 -reconnect >"$work/reconnect" 2>&1
is "TLS 1.2 sessions are made new each time" "$(grep -c '^Reused' "$work/reconnect")" 0
like "six times" "$(grep -c '^New, TLSv1.2' "$work/reconnect")" '^6$'
tls13() { (printf 'GET / HTTP/1.0\r\n\r\n'; sleep 1) | openssl s_client -connect "$at" -CAfile "$root" -cert "$work/ope-two.pem" -key "$work/ope-two.key" -tls1_3 "$@" >"$work/tls13" 2>&1; }
tls13 -sess_out "$work/ticket"
tls13 -sess_in "$work/ticket"
is "nor is one of TLS 1.3 resumed" "$(grep -c '^Reused' "$work/tls13")" 0
like "but made new" "$(cat "$work/tls13")" '^New, TLSv1.3'

# --- what was written ---
like "visits and refusals are in the audit log" "$(sql "SELECT GROUP_CONCAT(DISTINCT outcome ORDER BY outcome) FROM audit_event WHERE action = 'operators.session.begin'")" '^0,1$'
finish
