#!/usr/bin/env bash
# What README, docs/api.md and the man pages promise: their examples run as they stand there; a reload under load
# loses no request; without `development = yes` there is no style guide and no demonstration data.
. "$(dirname "$0")/lib.sh"

port=$(free_ports)
holds "it starts" instance "$work/var" "$port"
pdf "$work/in.pdf" classic
cp "$work/in.pdf" "$work/contract.pdf"
cd "$work" || exit 2

# example FILE WORD: the first shell block of FILE that holds WORD, for this instance's ports
example() {
    awk -v word="$2" '/^ *```sh$/ { on = 1; text = ""; next } /^ *```$/ { if (on && index(text, word)) { printf "%s", text; exit } on = 0 } on { text = text $0 "\n" }' "$top/$1" |
        sed "s|https://localhost:8444|$api|; s|https://localhost:8443|$portal|"
}
example README.md /rs/v1/sign >readme.sh
holds "README: a seal over the API" bash -euc '. ./readme.sh'
nss
# pdfsig does not judge document timestamps
holds "README: judged by pdfsig" pdfsig_valid "$work/signed.pdf" 1
is "README: accounts for the tour" "$(jq -r '.accounts[] | [.login, .password, .pin, .totp_secret] | @tsv' var/demo/demo.json | grep -c '^hanako@sakura.example	')" 1
rm -f signed.pdf
example docs/api.md 'Idempotency-Key: contract-4711' |
    sed "s|--cert client.pem --key client.key --cacert root.pem|--cert $cert --key $key --cacert $root|; s|credential=[A-Za-z0-9_-]*|credential=$seal|" >api.sh
holds "docs/api.md: a signature with an idempotency key" bash -euc '. ./api.sh'
like "a PDF came back" "$(head -c 5 signed.pdf)" '^%PDF-'

# every route of the RS API is in docs/api.md, and nothing else
is "docs/api.md has the routes that there are" \
    "$(grep -oE '`?(GET|POST|PUT|DELETE) /rs/v1/[^ `,?]*' "$top/docs/api.md" | tr -d '`' | sort -u)" \
    "$("${SHOMEI_BUILD:-$top/build}/signapi.fcgi" --routes | awk '/\/rs\/v1\// { print $1, $2 }' | sort -u)"

# reload under load (SIGHUP, as `systemctl reload` sends it): every request is answered
cat >load.sh <<'L'
for i in $(seq 60); do curl -sS --max-time 30 --cacert "$root" -o /dev/null -w '%{http_code}\n' "$1"; done
L
export root
pids=
for url in "$portal/" "$portal/login" "$repository/ca/none.cer" "$api/healthz"; do
    bash load.sh "$url" >"codes.$(printf '%s' "$url" | tr -c 'a-z0-9' '_')" 2>&1 &
    pids="$pids $!"
done
for _ in 1 2 3 4 5; do (api_curl -o /dev/null -w '%{http_code}\n' -F "document=@$work/in.pdf" -F "credential=$seal" -F level=ES "$api/rs/v1/sign") & pids="$pids $!"; done >codes.sign
masters() { for n in portal signapi repository; do cat "$work/var/run/$n.started"; done; }
before=$(masters)
for _ in 1 2 3; do
    sleep 0.7
    for p in $before; do kill -HUP "$p"; done
done
for p in $pids; do wait "$p"; done
is "three reloads under load lose no request" "$(cat codes.* | sort | uniq -c | awk '{ print $2 "x" $1 }' | xargs)" "200x185 404x60"
is "the programs are the same processes" "$(masters)" "$before"

# as in production
sed -i 's/^development = yes/development = no/' "$work/var/shomei.conf"
is "the style guide is there in development" "$(curl -sS --cacert "$root" -o /dev/null -w '%{http_code}' "$portal/styleguide")" 200
kill -HUP "$(cat "$work/var/run/portal.started")"
gone=
for _ in $(seq 50); do
    gone=$(curl -sS --cacert "$root" -o /dev/null -w '%{http_code}' "$portal/styleguide")
    [ "$gone" = 404 ] && break
    sleep 0.1
done
is "a reload reads the settings: no style guide in production" "$gone" 404
fails "nor demonstration data" env SOFTHSM2_CONF="$work/var/tokens/softhsm2.conf" SHOMEI_DB_USER=shomei_ctl \
    SHOMEI_DB_PASSWORD_FILE="$work/var/secret/db_ctl" "${SHOMEI_BUILD:-$top/build}/shomeictl" --config "$work/var/shomei.conf" demo --out "$work/again"
finish
