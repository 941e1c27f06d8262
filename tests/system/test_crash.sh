#!/usr/bin/env bash
# kill -9 of every program, and of mariadbd, in the middle of signing load (DESIGN section 9): every
# acknowledged job is there afterwards, nothing is doubled, and every erasure still happens (P3-11).
. "$(dirname "$0")/lib.sh"

instance "$work/a" "$(free_ports)" || { report 1 "Shomei starts"; finish; }
var=$work/a
sql() { mariadb --no-defaults --socket="$var/run/db.sock" --user="$(id -un)" -N shomei -e "$1"; }
pdf "$work/in.pdf" classic

# load: each client signs with a key of its own per request and repeats until it is acknowledged
client() {
    local me=$1 i code
    for i in $(seq 25); do
        for _ in $(seq 40); do
            code=$(curl -sS --max-time 20 --cacert "$root" --cert "$cert" --key "$key" -o "$work/o.$me" -D "$work/h.$me" -w '%{http_code}' \
                -F "document=@$work/in.pdf;type=application/pdf" -F "credential=$seal" -F "level=$2" \
                -H "Idempotency-Key: crash-$me-$i" "$api/rs/v1/sign" 2>/dev/null)
            [ "$code" = 200 ] && break
            sleep 0.3
        done
        [ "$code" = 200 ] && echo "crash-$me-$i $(sed -nE 's/^[Ll]ocation: (.*)\r$/\1/p' "$work/h.$me" | tail -n 1)" >>"$work/acked.$me"
    done
}
for c in 1 2 3; do client $c ES & loads[c]=$!; done
client 4 ES-T & loads[4]=$!
sleep 1
for name in signapi worker gateway repository portal mariadb signapi mariadb; do
    pid=$(cat "$var/run/$name.started" 2>/dev/null)
    # the supervisor's children die with it or end by themselves; kill one worker first, then the whole
    child=$(pgrep -P "$pid" 2>/dev/null | head -n 1)
    [ -z "$child" ] || kill -9 "$child" 2>/dev/null
    sleep 0.5
    kill -9 "$pid" 2>/dev/null
    sleep 2
done
for c in 1 2 3 4; do wait "${loads[c]}"; done
cat "$work"/acked.* >"$work/acked"
is "every request was acknowledged in the end" "$(wc -l <"$work/acked")" 100
is "no two requests share a job" "$(awk '{print $2}' "$work/acked" | sort | uniq -d | wc -l)" 0
missing=0
while read -r _ job; do
    [ "$(api_curl -o "$work/job" -w '%{http_code}' "$api$job")" = 200 ] || missing=$((missing + 1))
done <"$work/acked"
is "every acknowledged job is there" $missing 0
nss
while read -r _ job; do
    api_curl -o "$work/doc.pdf" "$api$job/document"
    pdfsig_valid "$work/doc.pdf" 1 >/dev/null || missing=$((missing + 1))
done < <(shuf -n 10 --random-source=<(yes) "$work/acked")
is "and its file is signed and valid (ten of them)" $missing 0
is "one successful signature for each request, none doubled" \
    "$(sql "SELECT COUNT(*) FROM signature WHERE outcome = 'signed'")" 100
holds "the audit log is intact" env SHOMEI_DB_USER=shomei_ctl SHOMEI_DB_PASSWORD_FILE="$var/secret/db_ctl" \
    SOFTHSM2_CONF="$var/tokens/softhsm2.conf" "${SHOMEI_BUILD:-$top/build}/shomeictl" --config "$var/shomei.conf" audit verify

# 8 hours later: the deadline is moved for all, as the database's owner, with the worker just killed
held=$(sql "SELECT COUNT(*) FROM document WHERE deleted_at IS NULL")
like "documents are held" "$held" '^[1-9]'
sql "UPDATE document SET delete_at = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE WHERE deleted_at IS NULL"
kill -9 "$(cat "$var/run/worker.started")"
for _ in $(seq 300); do
    [ "$(sql "SELECT COUNT(*) FROM document WHERE deleted_at IS NULL")" = 0 ] && break
    sleep 0.2
done
is "every document is erased, after the worker was killed" "$(sql "SELECT COUNT(*) FROM document WHERE deleted_at IS NULL")" 0
is "bytes are gone" "$(sql "SELECT COUNT(*) FROM document_piece")" 0
is "keys are gone" "$(sql "SELECT COUNT(*) FROM document WHERE wrapped_key IS NOT NULL")" 0
is "the records stay" "$(sql "SELECT COUNT(*) FROM signature WHERE outcome = 'signed'")" 100
finish
