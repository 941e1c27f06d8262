#!/usr/bin/env bash
# ./run: from nothing, from an existing var/, two side by side, and a stop that leaves nothing behind.
. "$(dirname "$0")/lib.sh"

port=$(free_ports)
holds "./run starts from nothing" instance "$work/a" "$port"
is "it prints one line" "$(cat "$work/a.out")" "Shomei is ready: https://localhost:$port/"
is "the portal answers over https" "$(curl -sS --cacert "$root" -o "$work/home" -w '%{http_code}' "$portal/")" 200
for p in portal api operator repository; do
    like "demo.json names the $p" "$(jq -r ".$p" "$demo")" '^https?://localhost:[0-9]+$'
done
is "demo.json's paths are absolute and there" \
    "$(for f in .trust_root .api_client.cert .api_client.key; do p=$(jq -r $f "$demo"); [ "${p#/}" != "$p" ] && [ -s "$p" ] && echo ok; done | wc -l)" 3
is "every account has login, password, TOTP secret, role and tenant" \
    "$(jq '[.accounts[] | select((.login and .password and .totp_secret and .role and .tenant) | not)] | length' "$demo")" 0
is "some accounts can sign" "$(jq '[.accounts[] | select(.pin and .credential)] | length > 2' "$demo")" true
# liveness and readiness, for monitoring (P2-18)
for p in "$portal" "$repository"; do
    is "$p/healthz" "$(curl -sS --cacert "$root" -o /dev/null -w '%{http_code}' "$p/healthz")" 200
    is "$p/readyz" "$(curl -sS --cacert "$root" -o /dev/null -w '%{http_code}' "$p/readyz")" 200
    is "metrics are not given to the outside" "$(curl -sS --cacert "$root" -o /dev/null -w '%{http_code}' "$p/metrics")" 404
done
head -c 2000000 /dev/zero >"$work/large"
is "a large body is refused where no document is due" "$(curl -sS --cacert "$root" -o /dev/null -w '%{http_code}' --data-binary "@$work/large" "$portal/login")" 413
is "also by the API" "$(curl -sS --cacert "$root" -o /dev/null -w '%{http_code}' --data-binary "@$work/large" "$api/rs/v1/credentials")" 413
fails "the request number is not the client's choice" grep -qi '^x-request-id: spoofed-0001' <(curl -sS --cacert "$root" -D - -o /dev/null -H 'X-Request-Id: spoofed-0001' "$portal/")

first=$instance_pid
cp "$demo" "$work/first.json"
port2=$(free_ports)
instance_pid=
holds "a second instance runs beside it" instance "$work/b" "$port2"
is "they differ in their secrets" "$(jq -r '.accounts[0].password' "$demo" | grep -cF "$(jq -r '.accounts[0].password' "$work/first.json")")" 0
stop_instance
instance_pid=$first

# every process that ./run started, found by the environment it gave them
children() { grep -lz "^SOFTHSM2_CONF=$work/a/" /proc/[0-9]*/environ 2>/dev/null | wc -l; }
like "programs run" "$(children)" '^[1-9]'
stop_instance
is "SIGTERM stops everything that was started" "$(children)" 0
holds "./run starts from an existing var/" instance "$work/a" "$port"
is "the data is kept" "$(jq -S '.accounts' "$demo" | sha256sum)" "$(jq -S '.accounts' "$work/first.json" | sha256sum)"
stop_instance

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    mkdir -m 755 "$work/plain"; chown nobody "$work/plain"; chmod 755 "$work"
    cat >"$work/plain.sh" <<SH
cd / && HOME=$work/plain SHOMEI_BUILD=${SHOMEI_BUILD:-$top/build} SHOMEI_VAR=$work/plain/var SHOMEI_PORT=$(free_ports) exec "$top/run"
SH
    if setpriv --reuid=nobody --regid=nogroup --clear-groups test -r "$top/run" 2>/dev/null &&
        setpriv --reuid=nobody --regid=nogroup --clear-groups test -x "${SHOMEI_BUILD:-$top/build}/shomeictl"; then
        setpriv --reuid=nobody --regid=nogroup --clear-groups bash "$work/plain.sh" >"$work/plain.out" 2>"$work/plain.err" &
        instance_pid=$!
        for _ in $(seq 900); do grep -q ready "$work/plain.out" && break; kill -0 $instance_pid 2>/dev/null || break; sleep 0.1; done
        like "./run works as a plain user" "$(cat "$work/plain.out"; tail -n 5 "$work/plain.err")" '^Shomei is ready'
        stop_instance
    else
        skip "as a plain user: the checkout is not readable by others"
    fi
else
    skip "as a plain user: this test runs as one already"
fi
finish
