#!/usr/bin/env bash
# The plain-http repository, judged by openssl and NSS: CA certificates, CRLs also of partitions, OCSP (GET, POST,
# nonce), RFC 3161; and the seats of a ceremony at the terminal (P3-54, P3-108).
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
serial=$(openssl x509 -in "$work/leaf.pem" -noout -serial | sed 's/.*=//')
listed() { get "$work/crl.der" "$crl_url" >/dev/null; openssl crl -inform DER -in "$work/crl.der" -noout -text | grep -q "Serial Number: $serial"; }
is "the API knows the client" "$(api_status)" 200
holds "shomeictl suspends its certificate" ctl revoke --cert "$work/leaf.pem" --reason certificateHold
is "the API refuses it at once" "$(api_status)" 401
like "OCSP says so at once" "$(ask -no_nonce -cert "$work/leaf.pem")" 'leaf.pem: revoked'
for _ in $(seq 600); do listed && break; sleep 0.1; done
holds "a new list within a minute" listed
holds "shomeictl ends the suspension" ctl revoke --cert "$work/leaf.pem" --release
is "the API takes it again" "$(api_status)" 200
like "OCSP: good again" "$(ask -no_nonce -cert "$work/leaf.pem")" 'leaf.pem: good'
# what clients really send: base64 as it is, its slashes in a row, half escaped
plus=$(base64 -w0 "$work/req.der")
for path in "$plus" "$(printf '%s' "$plus" | sed 's/+/%2B/g')" "$(printf '%s' "$plus" | sed 's|/|%2f|g')"; do
    is "OCSP over GET, however it is escaped" "$(curl -sS --path-as-is -o "$work/resp.der" -w '%{http_code}' "$ocsp/$path")" 200
    like "good" "$(openssl ocsp -respin "$work/resp.der" -issuer "$work/issuer.pem" -cert "$work/leaf.pem" -CAfile "$root" -verify_other "$work/issuer.pem" 2>&1)" 'good'
done
openssl ocsp -issuer "$work/issuer.pem" -serial 0x7fffffffffffffffffffffffffffffffffffffff -no_nonce -reqout "$work/odd.der"
odd=$(base64 -w0 "$work/odd.der")
like "a path with slashes in a row" "$odd" '//'
is "arrives as it was sent" "$(curl -sS --path-as-is -o "$work/resp.der" -w '%{http_code}' "$ocsp/$odd")" 200
like "and is answered" "$(openssl ocsp -respin "$work/resp.der" -issuer "$work/issuer.pem" -serial 0x7fffffffffffffffffffffffffffffffffffffff -CAfile "$root" -verify_other "$work/issuer.pem" 2>&1)" 'unknown'

# the terminal asks for one-time codes
code() { # code LOGIN STEP: of this half minute, or those beside it
    python3 - "$(account "$1" totp_secret)" "$2" <<'PYTHON'
import base64, hashlib, hmac, struct, sys, time
secret = sys.argv[1] + "=" * (-len(sys.argv[1]) % 8)
mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30 + int(sys.argv[2])), hashlib.sha1).digest()
at = mac[19] & 15
print("%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000))
PYTHON
}
sa1=sysadmin1@shomei.example sa2=sysadmin2@shomei.example sm=manager@shomei.example
like "shomeictl lists the authorities" "$(ctl authority list)" '^access active, under root'
fails "a wrong code changes nothing" ctl authority parts access --parts 3 --by $sa1 <<<000000
fails "nor does the system manager's" ctl authority parts access --parts 3 --by $sm < <(code $sm 0)
holds "a system administrator divides the lists" ctl authority parts access --parts 3 --by $sa1 < <(code $sa1 -1)
holds "and plans an authority" ctl authority plan next-1 --by $sa1 --cn "Next CA 1" --parent root < <(code $sa1 0)
holds "the system manager approves" ctl authority approve next-1 --by $sm < <(code $sm 1)
fails "who planned does not make the key" ctl authority make-key next-1 --by $sa1,$sa2 < <(code $sa1 1; code $sa2 0)
like "because of the seat" "$(cat "$work/holds.out")" 'seat-taken'
like "all of which is shown" "$(ctl authority show next-1)" "approved: requested by $sa1 .* approved by $sm"

# lists of partitions
parted() { get "$work/p$1.der" "${crl_url%.crl}/$1.crl"; }
for _ in $(seq 600); do [ "$(parted 3)" = 200 ] && break; sleep 0.1; done
for n in 1 2 3; do
    is "the list of partition $n" "$(parted $n)" 200
    openssl crl -inform DER -in "$work/p$n.der" -out "$work/p$n.pem"
    like "openssl crl verifies it" "$(openssl crl -in "$work/p$n.pem" -noout -CAfile "$work/issuer.pem" 2>&1)" 'verify OK'
    like "it says of what it is" "$(openssl crl -in "$work/p$n.pem" -noout -text)" "${crl_url%.crl}/$n.crl"
done
is "there is no fourth" "$(parted 4)" 404
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/n.key" -out "$work/n.csr" -subj /CN=n 2>/dev/null
holds "a certificate after that" ctl certificate --profile client --csr "$work/n.csr" --name n --tenant sakura --out "$work/n.pem"
its=$(openssl x509 -in "$work/n.pem" -noout -text | sed -nE 's|^ *URI:(http.*crl)$|\1|p' | head -n 1)
like "names one of them" "$its" '/crl/access/[123]\.crl$'
part=$(basename "$its" .crl)
checked() { openssl verify -crl_check -CAfile "$root" -untrusted "$work/issuer.pem" -CRLfile "$1" "$work/n.pem"; }
holds "openssl verify takes its list" checked "$work/p$part.pem"
fails "and not another one" checked "$work/p$((part % 3 + 1)).pem"
holds "revoked" ctl revoke --cert "$work/n.pem" --reason superseded
listed() { parted "$part" >/dev/null; openssl crl -inform DER -in "$work/p$part.der" -out "$work/p$part.pem" && ! checked "$work/p$part.pem"; }
for _ in $(seq 600); do listed >/dev/null 2>&1 && break; sleep 0.1; done
like "its list says so within a minute" "$(checked "$work/p$part.pem" 2>&1)" 'certificate revoked'
get "$work/crl.der" "$crl_url" >/dev/null; openssl crl -inform DER -in "$work/crl.der" -out "$work/all.pem"
like "the complete one too" "$(checked "$work/all.pem" 2>&1)" 'certificate revoked'
if command -v certutil >/dev/null && command -v crlutil >/dev/null; then
    mkdir "$work/nss"; nss="sql:$work/nss"
    certutil -N -d "$nss" --empty-password
    certutil -A -d "$nss" -n root -t CT,C,C -i "$root"; certutil -A -d "$nss" -n access -t ,, -i "$work/issuer.pem"
    openssl x509 -in "$work/n.pem" -out "$work/n1.pem"
    certutil -A -d "$nss" -n old -t ,, -i "$work/leaf.pem"; certutil -A -d "$nss" -n revoked -t ,, -i "$work/n1.pem"
    holds "NSS takes the list" crlutil -I -d "$nss" -i "$work/crl.der"
    like "and finds the one that is listed revoked" "$(certutil -V -d "$nss" -n revoked -u C 2>&1)" 'revoked'
    holds "the other one good" certutil -V -d "$nss" -n old -u C
else
    skip "no NSS tools"
fi
is "an unknown path" "$(get "$work/none" "$repository/none")" 404
finish
