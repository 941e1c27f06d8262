#!/usr/bin/env bash
# What breaks around us: TSA down, HSM gone and back, database gone and back, disk full; no plaintext
# on disk; a tampered audit log; core files off.
. "$(dirname "$0")/lib.sh"

var=$work/a
full=
if [ "$(id -u)" = 0 ] && mkdir -p "$var" && mount -t tmpfs -o size=700m tmpfs "$var" 2>/dev/null; then
    full=1
    cleanup() { umount -l "$var"; }
fi
instance "$var" "$(free_ports)" || { report 1 "Shomei starts"; finish; }
nss
sql() { mariadb --no-defaults --socket="$var/run/db.sock" --user="$(id -un)" -N shomei -e "$1"; }
ctl() { SHOMEI_DB_USER=shomei_ctl SHOMEI_DB_PASSWORD_FILE="$var/secret/db_ctl" SOFTHSM2_CONF="$var/tokens/softhsm2.conf" \
    "${SHOMEI_BUILD:-$top/build}/shomeictl" --config "$var/shomei.conf" "$@"; }
pdf "$work/in.pdf" classic

# TSA down: ES-T fails whole, ES goes on, and it may be repeated
kill -STOP "$(cat "$var/run/repository.started")" $(pgrep -P "$(cat "$var/run/repository.started")")
is "TSA down: ES-T is refused whole" "$(api_sign "$work/in.pdf" "$work/out.json" ES-T)" 503
like "with a clear reason" "$(jq -r .type "$work/out.json")" 'tsa-|gateway-'
like "and when to try again" "$(header retry-after)" '^[0-9]+$'
is "TSA down: ES is not affected" "$(api_sign "$work/in.pdf" "$work/out.pdf" ES)" 200
kill -CONT "$(cat "$var/run/repository.started")" $(pgrep -P "$(cat "$var/run/repository.started")")
sleep 1
is "TSA back: ES-T works" "$(api_sign "$work/in.pdf" "$work/out.pdf" ES-T)" 200

# all who draw pictures are held up (pages made to be slow): nobody else waits
drawing() { kill "-$1" "$(cat "$var/run/pictures.started")" $(pgrep -P "$(cat "$var/run/pictures.started")"); }
status() { curl -s --max-time 5 --cacert "$root" -o /dev/null -w '%{http_code}' "$portal/$1"; }
drawing STOP
for path in documents/x/pages/1.png visit/x/documents/1/pages/1 envelopes/x/documents/1/pages/1; do
    is "a picture waits: $path" "$(status "$path")" 000
done
is "people sign in meanwhile" "$(status login)" 200
is "and see pages that are not pictures" "$(status documents/x/pages)" 404
drawing CONT
like "then pictures come again" "$(status documents/x/pages/1.png)" '^(303|401|404)$'

# HSM gone and back, without a restart
mv "$var/tokens/store" "$var/tokens/away"
code=$(for _ in 1 2 3 4 5 6 7 8 9 10; do api_sign "$work/in.pdf" "$work/out.json" ES; echo; done | sort | uniq -c | sort -rn | head -n 1 | awk '{print $2}')
is "HSM gone: refused" "$code" 503
like "with a reason" "$(jq -r .type "$work/out.json")" 'hsm-'
is "readyz says so" "$(curl -sS --cacert "$root" -o "$work/ready" -w '%{http_code}' "$api/readyz")" 503
like "and names the HSM" "$(cat "$work/ready")" 'hsm'
mv "$var/tokens/away" "$var/tokens/store"
for _ in $(seq 50); do [ "$(api_sign "$work/in.pdf" "$work/out.pdf" ES)" = 200 ] && break; sleep 0.2; done
is "HSM back: signing works without a restart" "$(api_sign "$work/in.pdf" "$work/out.pdf" ES)" 200
holds "and is valid" pdfsig_valid "$work/out.pdf" 1

# database gone and back
kill -9 "$(cat "$var/run/mariadb.started")"
code=$(api_sign "$work/in.pdf" "$work/out.json" ES)
like "database gone: refused or already back" "$code" '^(503|502|200)$'
for _ in $(seq 100); do [ "$(api_sign "$work/in.pdf" "$work/out.pdf" ES)" = 200 ] && break; sleep 0.2; done
is "database back: signing works without a restart" "$(api_sign "$work/in.pdf" "$work/out.pdf" ES)" 200

# disk full
if [ -n "$full" ]; then
    api_sign "$work/in.pdf" "$work/out.pdf" ES >/dev/null; job=$(header location)
    dd if=/dev/zero of="$var/filler" bs=1M 2>/dev/null
    python3 "$top/tests/data/make_pdf.py" "$work/big.pdf" 20000000
    codes=$(for _ in 1 2 3 4 5 6; do api_sign "$work/big.pdf" "$work/out.json" ES --max-time 40; echo; done | sort -u | tr '\n' ' ')
    like "disk full: refused, or still fitting; never a 500" "$codes" '^((000|200|413|502|503|504|507) )+$'
    rm -f "$var/filler"
    for _ in $(seq 200); do [ "$(api_sign "$work/in.pdf" "$work/out.pdf" ES)" = 200 ] && break; sleep 0.3; done
    is "room again: signing works" "$(api_sign "$work/in.pdf" "$work/out.pdf" ES)" 200
    is "what was acknowledged before is there" "$(api_curl -o /dev/null -w '%{http_code}' "$api$job")" 200
else
    skip "disk full: needs root and a tmpfs"
fi

# no plaintext on disk (P3-11, P1-47, P1-48): a marker in the PDF is in no file below var/ or /tmp
marker="MARKER-$RANDOM-$RANDOM-$RANDOM"
python3 - "$work/in.pdf" "$work/m.pdf" "$marker" <<'PY'
import sys
src, dst, marker = sys.argv[1:]
data = open(src, "rb").read().replace(b"Agreement for the tests", marker.encode()[:23].ljust(23, b"_"))
open(dst, "wb").write(data)
PY
short=$(printf '%s' "$marker" | cut -c1-23)
(for _ in 1 2 3 4 5 6 7 8; do api_sign "$work/m.pdf" "$work/m.out.pdf" ES >/dev/null; done) &
load=$!
found=0
while kill -0 $load 2>/dev/null; do
    grep -rlaF "$short" "$var" --exclude-dir=proc 2>/dev/null | grep -q . && found=1
done
wait $load
is "no document in clear in any file, while signing" $found 0
is "nor afterwards" "$(grep -rlaF "$short" "$var" 2>/dev/null | wc -l)" 0
is "core files are off in every program" "$(for n in portal signapi repository worker signer gateway; do awk '/Max core file size/ {print $5}' "/proc/$(cat "$var/run/$n.started")/limits"; done | sort -u)" 0

# the audit log, tampered with by the database's owner
for _ in $(seq 100); do [ "$(sql 'SELECT COUNT(*) FROM audit_seal')" -gt 0 ] && break; sleep 0.3; done
holds "audit verify: intact" ctl audit verify
sql "CREATE TABLE keep_event AS SELECT * FROM audit_event"
victim=$(sql "SELECT event_id FROM audit_seal_member ORDER BY event_id LIMIT 1 OFFSET 3" 2>/dev/null || sql "SELECT id FROM audit_event ORDER BY id LIMIT 1 OFFSET 3")
sql "UPDATE audit_event SET outcome = (outcome + 1) % 3 WHERE id = $victim"
fails "audit verify: a changed row is found" ctl audit verify
sql "UPDATE audit_event a JOIN keep_event k USING (id) SET a.outcome = k.outcome WHERE id = $victim"
holds "audit verify: intact again" ctl audit verify
sql "SET foreign_key_checks = 0; DELETE FROM audit_event WHERE id = $victim"
fails "audit verify: a missing row is found" ctl audit verify
sql "INSERT INTO audit_event SELECT * FROM keep_event WHERE id = $victim"
holds "audit verify: intact once more" ctl audit verify
sql "CREATE TEMPORARY TABLE f AS SELECT * FROM keep_event WHERE id = $victim; UPDATE f SET id = (SELECT MAX(id) + 1 FROM audit_event), nonce = RANDOM_BYTES(LENGTH(nonce)); INSERT INTO audit_event SELECT * FROM f"
fails "audit verify: an added row is found" ctl audit verify

# programs' grants
portal_sql() { MYSQL_PWD=$(cat "$var/secret/db_portal") mariadb --no-defaults --socket="$var/run/db.sock" --user=shomei_portal shomei -e "$1"; }
fails "the portal's user cannot change audit rows" portal_sql "UPDATE audit_event SET action = 'x'"
fails "nor delete them" portal_sql "DELETE FROM audit_event"
fails "nor drop the table" portal_sql "DROP TABLE audit_event"
finish
