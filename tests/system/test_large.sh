#!/usr/bin/env bash
# A gigabyte through nginx: one request of the API, and the pieces of the browser's upload. The serving process does
# not grow with the document, nothing of it touches a disk of ours (P1-48), a worker killed in the middle loses nothing
# that was acknowledged, and large transfers leave half of the workers to everybody else.
. "$(dirname "$0")/lib.sh"

bytes=${SHOMEI_LARGE:-1073741824}
instance "$work/a" "$(free_ports)" || { report 1 "Shomei starts"; finish; }
sql() { mariadb --no-defaults --socket="$work/a/run/db.sock" --user="$(id -un)" -N shomei -e "$1"; }
make() { python3 "$top/tests/data/large_pdf.py" "$1" "$2"; }
children() { pgrep -P "$(cat "$work/a/run/$1.started")"; }
highest() { for p in $(children "$1"); do awk '/^VmHWM/ { print $2 }' "/proc/$p/status"; done | sort -n | tail -n 1; } # kB
forget() { for p in $(children "$1"); do echo 5 >"/proc/$p/clear_refs"; done; }
# what nginx put on a disk while somebody sent or fetched
spilled() { find "$work/a/run/body" "$work/a/run/fastcgi" -type f 2>/dev/null | wc -l; }
watch_disk() { while :; do spilled; sleep 0.2; done >"$work/spilled" & watcher=$!; }
was_dry() { kill "$watcher" 2>/dev/null; wait "$watcher" 2>/dev/null; [ "$(sort -n "$work/spilled" | tail -n 1)" = 0 ]; }

sql "UPDATE client SET max_bytes = 2147483648"
make 100000 "$work/small.pdf"
make "$bytes" "$work/large.pdf"

# --- the API ---
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do api_sign "$work/small.pdf" "$work/out.pdf" ES >/dev/null; done
forget signapi
is "100 kB are signed" "$(api_sign "$work/small.pdf" "$work/out.pdf" ES)" 200
before=$(highest signapi)
watch_disk
is "a large file is signed in one request" "$(api_curl --max-time 240 -o "$work/signed.pdf" -w '%{http_code}' \
    -F "document=@$work/large.pdf;type=application/pdf" -F "credential=$seal" -F level=ES "$api/rs/v1/sign")" 200
after=$(highest signapi)
holds "nginx wrote nothing of it to a disk" was_dry
echo "# signapi: $before kB at 100 kB, $after kB at $bytes bytes"
holds "the process grew by less than 12 MB" test $((after - before)) -lt 12288
holds "what came back begins with what was sent" cmp -n "$(stat -c %s "$work/large.pdf")" "$work/large.pdf" "$work/signed.pdf"
holds "and has a signature behind it" grep -qa ETSI.CAdES.detached <(tail -c 100000 "$work/signed.pdf")
rm -f "$work/signed.pdf"
sql "UPDATE client SET max_bytes = 104857600"
is "more than the contract says is refused" "$(api_curl -o "$work/out.pdf" -w '%{http_code}' -F "document=@$work/large.pdf" -F "credential=$seal" -F level=ES "$api/rs/v1/sign")" 413
pieces() { sql "SELECT COUNT(*) FROM document_piece p JOIN document d ON d.id = p.document_id WHERE d.state IN ('receiving', 'deleted')"; }
for _ in $(seq 300); do [ "$(pieces)" != 0 ] || break; sleep 0.1; done # erased behind the answer
is "and nothing of it stays" "$(pieces)" 0

# --- the browser's way ---
cookie=$(DEMO=$demo NODE_EXTRA_CA_CERTS=$root node "$top/tests/bench/sign_in.mjs")
web() { curl -sS --max-time 60 --cacert "$root" -H "Cookie: $cookie" -H "Origin: $portal" "$@"; }
csrf=$(web "$portal/documents/new" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
ours() { web -H "X-CSRF-Token: $csrf" "$@"; }
announce() { ours --data-urlencode "name=$2" -d "size=$(stat -c %s "$1")" "$portal/uploads" | jq -r .id; }
patch() { # patch ID FILE OFFSET
    dd if="$2" bs=1M skip=$(($3 / 1048576)) count=8 status=none |
        ours -o "$work/patch" -w '%{http_code}' -X PATCH -H 'Content-Type: application/octet-stream' -H "Upload-Offset: $3" --data-binary @- "$portal/uploads/$1"
}
offset() { ours "$portal/uploads/$1" | jq -r .offset; }
send() { # send FILE NAME: prints the id; every piece as far as the server says it stands
    local id at=0 total
    id=$(announce "$1" "$2"); total=$(stat -c %s "$1")
    while [ "$at" -lt "$total" ]; do
        [ "$(patch "$id" "$1" "$at")" = 200 ] || { sleep 0.3; }
        at=$(offset "$id")
    done
    [ "$(ours -o /dev/null -w '%{http_code}' -X POST "$portal/uploads/$id/finish")" = 200 ] && echo "$id"
}
for _ in 1 2 3 4; do send "$work/small.pdf" small.pdf >/dev/null; done
forget portal
send "$work/small.pdf" small.pdf >/dev/null
before=$(highest portal)
watch_disk
id=$(send "$work/large.pdf" large.pdf)
after=$(highest portal)
like "a large file arrives in pieces" "$id" '^[A-Za-z0-9_-]+$'
holds "nginx wrote nothing of it to a disk" was_dry
echo "# portal: $before kB at 100 kB, $after kB at $bytes bytes"
holds "the process grew by less than 12 MB" test $((after - before)) -lt 12288
is "its digest is the file's" "$(sql "SELECT LOWER(HEX(digest)) FROM document WHERE public_id = '$id'")" "$(sha256sum "$work/large.pdf" | cut -d' ' -f1)"

make 40000000 "$work/mid.pdf"
mid=$(announce "$work/mid.pdf" mid.pdf)
is "a piece is taken" "$(patch "$mid" "$work/mid.pdf" 0)" 200
(for _ in 1 2 3 4 5 6; do sleep 0.02; children portal | xargs -r kill -KILL; done) 2>/dev/null &
patch "$mid" "$work/mid.pdf" 8388608 >/dev/null 2>&1
wait $!
for _ in $(seq 50); do [ "$(ours -o /dev/null -w '%{http_code}' "$portal/uploads/$mid")" = 200 ] && break; sleep 0.2; done
at=$(offset "$mid")
holds "workers killed in the middle of a piece: it stands at a whole piece ($at)" test $((at % 8388608)) = 0 -a "$at" -ge 8388608
while [ "$at" -lt 40000000 ]; do patch "$mid" "$work/mid.pdf" "$at" >/dev/null; now=$(offset "$mid"); [ "$now" -gt "$at" ] || break; at=$now; [ "$at" = "$(stat -c %s "$work/mid.pdf")" ] && break; done
is "and the upload ends well" "$(ours -o /dev/null -w '%{http_code}' -X POST "$portal/uploads/$mid/finish")" 200

# --- slow senders of large files ---
sql "UPDATE client SET max_bytes = 2147483648"
slow=()
for _ in 1 2 3 4; do
    curl -sS --cacert "$root" --cert "$cert" --key "$key" --limit-rate 600k --max-time 60 -o /dev/null \
        -F "document=@$work/large.pdf" -F "credential=$seal" -F level=ES "$api/rs/v1/sign" 2>/dev/null &
    slow+=($!)
done
for _ in $(seq 150); do # all four hold a worker: what they sent has begun to be kept
    [ "$(sql "SELECT COUNT(*) FROM document WHERE state = 'receiving'")" = 4 ] && break
    sleep 0.2
done
is "one more large sender than half of the workers waits" "$(api_curl -o "$work/out.pdf" -w '%{http_code}' --limit-rate 2M --max-time 15 -F "document=@$work/large.pdf" -F "credential=$seal" -F level=ES "$api/rs/v1/sign" 2>/dev/null)" 429
is "somebody with a small file does not" "$(api_sign "$work/small.pdf" "$work/out.pdf" ES)" 200
kill "${slow[@]}" 2>/dev/null
wait "${slow[@]}" 2>/dev/null
for _ in $(seq 50); do
    [ "$(sql "SELECT COUNT(*) FROM document WHERE state = 'receiving'")" = 0 ] && break
    sleep 0.2
done
is "what broke off leaves nothing" "$(sql "SELECT COUNT(*) FROM document WHERE state = 'receiving'")" 0
finish
