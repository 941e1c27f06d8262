#!/usr/bin/env bash
# The plain-http repository, judged by openssl: CA certificates, CRLs, OCSP (GET, POST, nonce), RFC 3161.
. "$(dirname "$0")/lib.sh"

port=$(free_ports)
instance "$work/a" "$port" || { report 1 "Shomei starts"; finish; }
get() { curl -sS -D "$work/headers" -o "$1" -w '%{http_code}' "$2"; }

# the certificate of the demo client tells where everything is
openssl x509 -in "$cert" -noout -text >"$work/text"
ocsp=$(sed -nE 's/.*OCSP - URI:(.*)/\1/p' "$work/text" | head -n 1)
issuer_url=$(sed -nE 's/.*CA Issuers - URI:(.*)/\1/p' "$work/text" | head -n 1)
crl_url=$(sed -nE 's|^ *URI:(.*)|\1|p' "$work/text" | head -n 1)
like "the OCSP address is plain http" "$ocsp" "^http://localhost:$((port + 3))/"
is "the issuer's certificate is there" "$(get "$work/issuer.der" "$issuer_url")" 200
like "with its media type" "$(header content-type)" '^application/pkix-cert'
holds "it is DER" openssl x509 -inform DER -in "$work/issuer.der" -out "$work/issuer.pem"
is "the CRL is there" "$(get "$work/crl.der" "$crl_url")" 200
like "with its media type" "$(header content-type)" '^application/pkix-crl'
like "and may be cached until it is renewed" "$(header cache-control)" 'max-age=[0-9]+'
openssl crl -inform DER -in "$work/crl.der" -out "$work/crl.pem" 2>/dev/null
holds "openssl crl verifies it" sh -c "openssl crl -in $work/crl.pem -noout -CAfile $work/issuer.pem 2>&1 | grep -q 'verify OK'"
like "it has a number" "$(openssl crl -in "$work/crl.pem" -noout -text)" 'CRL Number'
root_crl=$(openssl x509 -in "$work/issuer.pem" -noout -text | sed -nE 's|^ *URI:(http.*crl)$|\1|p' | head -n 1)
get "$work/root.crl" "$root_crl" >/dev/null; openssl crl -inform DER -in "$work/root.crl" -out "$work/root.crl.pem" 2>/dev/null
cat "$work/crl.pem" "$work/root.crl.pem" >"$work/crls.pem"
openssl x509 -in "$cert" -out "$work/leaf.pem"
holds "openssl verify, with revocation of the whole chain" openssl verify -crl_check_all -CAfile "$root" -untrusted "$work/issuer.pem" -CRLfile "$work/crls.pem" "$work/leaf.pem"

ask() { openssl ocsp -issuer "$work/issuer.pem" -url "$ocsp" -CAfile "$root" -verify_other "$work/issuer.pem" "$@" 2>&1; }
out=$(ask -cert "$work/leaf.pem")
like "OCSP: good" "$out" 'leaf.pem: good'
like "OCSP: the answer verifies" "$out" 'Response verify OK'
if printf '%s' "$out" | grep -q 'WARNING: no nonce'; then report 1 "OCSP: the nonce comes back"; else report 0 "OCSP: the nonce comes back"; fi
like "OCSP: a serial never issued is unknown" "$(ask -serial 0x123456789abcdef)" 'unknown'
openssl ocsp -issuer "$work/issuer.pem" -cert "$work/leaf.pem" -no_nonce -reqout "$work/req.der"
b64=$(base64 -w0 "$work/req.der" | sed 's/+/%2B/g; s|/|%2F|g; s/=/%3D/g')
is "OCSP over GET" "$(get "$work/resp.der" "$ocsp/$b64")" 200
like "its media type" "$(header content-type)" '^application/ocsp-response'
like "it may be cached" "$(header cache-control)" 'max-age='
like "and is good" "$(openssl ocsp -respin "$work/resp.der" -issuer "$work/issuer.pem" -cert "$work/leaf.pem" -CAfile "$root" -verify_other "$work/issuer.pem" 2>&1)" 'good'
is "garbage gets an OCSP error, not a page" "$(curl -sS -o "$work/bad" -w '%{http_code}' -H 'Content-Type: application/ocsp-request' --data-binary garbage "$ocsp")" 200
like "malformedRequest" "$(openssl ocsp -respin "$work/bad" 2>&1)" 'malformedrequest'

for hash in sha256 sha384 sha512; do
    openssl ts -query -data "$top/README.md" -$hash -cert -out "$work/q.tsq" 2>/dev/null
    is "a timestamp over $hash" "$(curl -sS -D "$work/headers" -o "$work/r.tsr" -w '%{http_code}' -H 'Content-Type: application/timestamp-query' --data-binary "@$work/q.tsq" "$repository/tsa")" 200
    like "its media type" "$(header content-type)" '^application/timestamp-reply'
    like "openssl ts verifies it" "$(openssl ts -verify -queryfile "$work/q.tsq" -in "$work/r.tsr" -CAfile "$root" 2>&1)" 'Verification: OK'
done
openssl ts -query -data "$top/README.md" -md5 -out "$work/q.tsq" 2>/dev/null
curl -sS -o "$work/r.tsr" -H 'Content-Type: application/timestamp-query' --data-binary "@$work/q.tsq" "$repository/tsa"
like "MD5 is refused: badAlg" "$(openssl ts -reply -in "$work/r.tsr" -text 2>&1)" '[Uu]nrecognized or unsupported algorithm'
# suspended and released (P3-147): at once in OCSP and at the API, within a minute in the list
conf=$work/a/shomei.conf
ctl() { SOFTHSM2_CONF=$work/a/tokens/softhsm2.conf SHOMEI_DB_USER=shomei_ctl SHOMEI_DB_PASSWORD_FILE="$work/a/secret/db_ctl" "${SHOMEI_BUILD:-$top/build}/shomeictl" --config "$conf" "$@"; }
api_status() { api_curl -o /dev/null -w '%{http_code}' "$api/rs/v1/credentials"; }
listed() { get "$work/crl.der" "$crl_url" >/dev/null; openssl crl -inform DER -in "$work/crl.der" -noout -text | grep -q 'Certificate Hold'; }
is "the API knows the client" "$(api_status)" 200
holds "shomeictl suspends its certificate" ctl revoke --cert "$work/leaf.pem" --reason certificateHold
is "the API refuses it at once" "$(api_status)" 401
like "OCSP says so at once" "$(ask -no_nonce -cert "$work/leaf.pem")" 'leaf.pem: revoked'
for _ in $(seq 600); do listed && break; sleep 0.1; done
holds "a new list within a minute" listed
holds "shomeictl ends the suspension" ctl revoke --cert "$work/leaf.pem" --release
is "the API takes it again" "$(api_status)" 200
like "OCSP: good again" "$(ask -no_nonce -cert "$work/leaf.pem")" 'leaf.pem: good'
is "an unknown path" "$(get "$work/none" "$repository/none")" 404
finish
