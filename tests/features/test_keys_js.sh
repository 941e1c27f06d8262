#!/bin/sh
# test_keys_js.sh - keys, requests and PKCS#12 files made by the browser's scripts (P3-65, point "browser-made
# PKCS#12"), judged by openssl and by NSS. Node runs the scripts; the journeys run them in Chromium.
here=${SHOMEI_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
for program in node openssl; do
    command -v $program > /dev/null || { echo "1..0 # SKIP $program is not installed"; exit 0; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/shomei-keys.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
n=0
failed=0
ok() { # ok STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}

mkdir "$work/js"
cp "$here"/static/js/*.js "$work/js/"
echo '{ "type": "module" }' > "$work/js/package.json"
tool() { node "$here/tests/features/keys_tool.mjs" "$work/js" "$work" "$@"; }
password='correct horse 7'
name='審査担当 one'

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/root.key" -out "$work/root.pem" \
    -subj /CN=Root -days 30 2> /dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" -out "$work/ca.csr" -subj /CN=Issuer 2> /dev/null
printf 'basicConstraints=critical,CA:TRUE\n' > "$work/ca.ext"
openssl x509 -req -in "$work/ca.csr" -CA "$work/root.pem" -CAkey "$work/root.key" -set_serial 7 -days 30 \
    -extfile "$work/ca.ext" -out "$work/ca.pem" 2> /dev/null

for kind in P-256 RSA-2048 RSA-3072; do
    tool request $kind "$name"
    openssl req -inform DER -in "$work/$kind.csr" -verify -noout 2> "$work/err" && grep -q OK "$work/err"
    ok $? "$kind: openssl verifies the request"
    subject=$(openssl req -inform DER -in "$work/$kind.csr" -noout -subject -nameopt utf8,sep_multiline)
    case $subject in *"CN=$name"*) ok 0 "$kind: its name" ;; *) ok 1 "$kind: its name: $subject" ;; esac
    openssl asn1parse -inform DER -in "$work/$kind.csr" > /dev/null
    ok $? "$kind: is DER"
    openssl x509 -req -inform DER -in "$work/$kind.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -set_serial 9 -days 30 \
        -out "$work/leaf.pem" 2> /dev/null
    cat "$work/leaf.pem" "$work/ca.pem" "$work/root.pem" > "$work/chain.pem"

    tool p12 $kind "$password" "$name" "$work/chain.pem"
    openssl pkcs12 -in "$work/$kind.p12" -info -nodes -passin "pass:$password" -out "$work/out.pem" 2> "$work/info"
    ok $? "$kind: openssl opens the PKCS#12"
    test "$(grep -c 'PBES2, PBKDF2, AES-256-CBC, Iteration 200000, PRF hmacWithSHA256' "$work/info")" = 2 &&
        grep -q 'MAC: sha256, Iteration 10000' "$work/info"
    ok $? "$kind: with the algorithms it should have"
    test "$(grep -c 'BEGIN CERTIFICATE' "$work/out.pem")" = 3 && grep -q 'localKeyID' "$work/out.pem" &&
        test "$(grep -c 'friendlyName' "$work/out.pem")" = 2
    ok $? "$kind: holds the chain, and a name on key and leaf"
    openssl pkey -in "$work/out.pem" -outform DER -pubout -out "$work/a.der" 2> /dev/null
    openssl x509 -in "$work/leaf.pem" -noout -pubkey | openssl pkey -pubin -outform DER -out "$work/b.der"
    cmp -s "$work/a.der" "$work/b.der"
    ok $? "$kind: its key is the leaf's"
    openssl pkcs12 -in "$work/$kind.p12" -noout -passin "pass:correct horse 8" 2> /dev/null
    test $? -ne 0
    ok $? "$kind: not with another password"
    # no stretch of the key stands in the file unencrypted
    python3 -c 'import sys; p, k = (open(f, "rb").read() for f in sys.argv[1:]); sys.exit(any(k[i:i + 8] in p for i in range(36, len(k) - 8)))' \
        "$work/$kind.p12" "$work/$kind.p8" 2> /dev/null
    ok $? "$kind: nothing of the key is readable in the file"

    if command -v pk12util > /dev/null && command -v certutil > /dev/null; then
        rm -rf "$work/nss"; mkdir "$work/nss"
        certutil -N -d "sql:$work/nss" --empty-password > /dev/null 2>&1
        pk12util -i "$work/$kind.p12" -d "sql:$work/nss" -W "$password" > "$work/nss.out" 2>&1
        ok $? "$kind: NSS imports it"
        certutil -L -d "sql:$work/nss" | grep -q "$name.*u,u,u"
        ok $? "$kind: NSS knows it by its name, with its key"
    else
        ok 0 "$kind: # SKIP pk12util and certutil are not installed"
    fi
done
tool refusals 2> "$work/err"
ok $? "weak keys, short passwords and such beyond ASCII are refused; made passwords will do"
[ -s "$work/err" ] && sed 's/^/# /' "$work/err"
echo "1..$n"
exit $failed
