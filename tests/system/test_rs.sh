#!/usr/bin/env bash
# The RS API in full through nginx and mutual TLS (P3-12, issue 3 point 7): the OpenAPI document against the program
# in both directions and against real answers; extension, timestamps, digests, batches, jobs, notices; the examples.
. "$(dirname "$0")/lib.sh"
build=${SHOMEI_BUILD:-$top/build}

hook=$(free_ports)
export SHOMEI_WEBHOOK_ALLOW="*:443 localhost:$hook localhost:$((hook + 1))"
instance "$work/a" "$(free_ports)" || { report 1 "Shomei starts"; finish; }
document=$top/cgi/features/rs/openapi.json
openapi() { python3 -B "$top/tests/system/openapi.py" "$document" "$@"; }
sql() { mariadb --no-defaults --socket="$work/a/run/db.sock" --user="$(id -un)" -N shomei -e "$1"; }
eventually() { # eventually SECONDS COMMAND...
    local i n=$1; shift
    for ((i = 0; i < n * 10; i++)); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
    return 1
}
# ask METHOD PATH [curl arguments...]: prints the status; the answer is in $work/answer, and must be as documented
ask() {
    local method=$1 path=$2 status; shift 2
    status=$(api_curl -X "$method" -o "$work/answer" -D "$work/headers" -w '%{http_code}' "$@" "$api$path")
    [ -e "$work/answer" ] || : >"$work/answer"
    openapi answer "$method" "${path%%\?*}" "$status" "$(header content-type)" "$work/answer" >>"$work/schema.out" || echo "$method $path" >>"$work/schema.bad"
    echo "$status"
}
got() { jq -r "$1" "$work/answer"; }
reason() { got .reason; }
: >"$work/schema.bad"

# --- the document ---
holds "the document is sound" openapi shape
holds "the document and the program name the same routes and parameters" openapi routes "$build/signapi.fcgi"
"$build/signapi.fcgi" --forms | sed 's/\tcontact\t/\tcontract\t/' >"$work/forms"
printf '#!/bin/sh\ncat %s/forms\n' "$work" >"$work/other"; chmod +x "$work/other"
fails "a parameter that has another name is found" openapi routes "$work/other"
is "it is served to everybody" "$(curl -sS --cacert "$root" -o "$work/served" -w '%{http_code}' "$api/rs/v1/openapi.json")" 200
holds "as it is here" python3 -c 'import json, sys; sys.exit(json.load(open(sys.argv[1])) != json.load(open(sys.argv[2])))' "$work/served" "$document"

# --- documents: sign with all options, extend, timestamp ---
pdf "$work/in.pdf" classic
nss
sign() { ask POST /rs/v1/sign -F "document=@$work/in.pdf" -F "credential=$seal" -F level=ES "$@"; }
is "a visible seal, twice, with captions" "$(sign -F page=1 -F rect=50,60,80,80 -F page=1 -F rect=300.5,60,40,40 -F seal=drawn:round:山田 -F caption_name='山田 太郎' -F caption_date=1)" 200
cp "$work/answer" "$work/seal.pdf"
holds "pdfsig: valid" pdfsig_valid "$work/seal.pdf" 1
holds "it has an appearance" sh -c "qpdf --qdf --object-streams=disable '$work/seal.pdf' - | grep -aq '/AP'"
is "a certification, everything locked" "$(sign -F certify=1 -F lock=1)" 200
cp "$work/answer" "$work/certified.pdf"
is "after it nothing more may be signed" "$(ask POST /rs/v1/sign -F "document=@$work/certified.pdf" -F "credential=$seal" -F level=ES)" 422
is "with the reason" "$(reason)" certified-no-changes
is "a rectangle that is none" "$(sign -F page=1 -F rect=100,200,30 -F seal=text)" 422
is "names what is wrong" "$(reason)" seal-place
is "a page without a seal" "$(sign -F page=1)" 422
is "a seal of nobody" "$(sign -F page=1 -F rect=1,2,30,30 -F seal=AAAAAAAAAAAAAAAA)" 404
is "a permission that there is not" "$(sign -F certify=4)" 422
is "which field it is, is told" "$(got '.errors[0].field')" certify
qpdf --encrypt geheim owner 256 -- "$work/in.pdf" "$work/locked.pdf"
is "an encrypted file with its password" "$(ask POST /rs/v1/sign -F "document=@$work/locked.pdf" -F "credential=$seal" -F level=ES -F password=geheim)" 200
cp "$work/answer" "$work/locked-signed.pdf"
is "and its verification with it" "$(ask POST /rs/v1/verify -F "document=@$work/locked-signed.pdf" -F password=geheim)" 200
is "passes" "$(got .verdict)" total-passed
is "without a password" "$(ask POST /rs/v1/sign -F "document=@$work/locked.pdf" -F "credential=$seal" -F level=ES)" 422

python3 -c 'import sys; b = open(sys.argv[1], "rb").read(); open(sys.argv[2], "wb").write(b.replace(b"startxref\n", b"startxref\n9"))' "$work/in.pdf" "$work/damaged.pdf"
damaged() { ask POST /rs/v1/sign -F "document=@$work/damaged.pdf" -F "credential=$seal" -F level=ES "$@"; }
is "a damaged file" "$(damaged)" 422
is "with what is wrong" "$(reason)" pdf-damaged-startxref
is "repaired on the client's word" "$(damaged -F repair=1 -H 'Idempotency-Key: repair-1')" 200
cp "$work/answer" "$work/repaired.pdf"
holds "pdfsig: valid" pdfsig_valid "$work/repaired.pdf" 1
holds "qpdf finds it sound" qpdf --check "$work/repaired.pdf"
is "again with the same key" "$(damaged -F repair=1 -H 'Idempotency-Key: repair-1')" 200
holds "is the same file" cmp "$work/answer" "$work/repaired.pdf"
is "what needs no repair is signed as it is" "$(sign -F repair=1)" 200
holds "byte by byte" cmp -n "$(stat -c %s "$work/in.pdf")" "$work/in.pdf" "$work/answer"

is "ES-T, to be extended" "$(ask POST /rs/v1/sign -F "document=@$work/in.pdf" -F "credential=$seal" -F level=ES-T)" 200
cp "$work/answer" "$work/est.pdf"
is "archive" "$(ask POST /rs/v1/extend -F "document=@$work/est.pdf" -F kind=archive -H 'Idempotency-Key: extend-1')" 200
cp "$work/answer" "$work/esa.pdf"; first=$(header location)
is "again with the same key" "$(ask POST /rs/v1/extend -F "document=@$work/est.pdf" -F kind=archive -H 'Idempotency-Key: extend-1')" 200
is "is the same job" "$(header location)" "$first"
holds "and the same file" cmp "$work/answer" "$work/esa.pdf"
is "the key for another kind" "$(ask POST /rs/v1/extend -F "document=@$work/est.pdf" -F kind=validation -H 'Idempotency-Key: extend-1')" 409
is "is refused" "$(reason)" idempotency-key-reused
is "the archived file" "$(ask POST /rs/v1/verify -F "document=@$work/esa.pdf")" 200
is "passes" "$(got .verdict)" total-passed
is "at ES-A" "$(got '.signatures[0].level')" ES-A
is "judged as of the day before" "$(ask POST /rs/v1/verify -F "document=@$work/esa.pdf" -F at="$(date -u -d '1 day ago' +%Y-%m-%dT%H:%M:%SZ)")" 200
is "as of tomorrow" "$(ask POST /rs/v1/verify -F "document=@$work/esa.pdf" -F at="$(date -u -d '1 day' +%Y-%m-%dT%H:%M:%SZ)")" 422
is "a document timestamp" "$(ask POST /rs/v1/timestamp -F "document=@$work/in.pdf")" 200
holds "qpdf finds it sound" qpdf --check "$work/answer"

# --- digests ---
digest=$(sha256sum "$work/in.pdf" | cut -c1-64)
hash() { ask POST /rs/v1/sign-hash -F algorithm=sha256 -F "credential=$seal" -F level=ES-T "$@"; }
is "a token over a digest" "$(ask POST /rs/v1/timestamp -F "digest=$digest")" 200
holds "openssl: the token" openssl ts -verify -token_in -in "$work/answer" -data "$work/in.pdf" -CAfile "$root"
is "with a key" "$(ask POST /rs/v1/timestamp -F "digest=$digest" -H 'Idempotency-Key: token-1')" 200
cp "$work/answer" "$work/token"
is "again" "$(ask POST /rs/v1/timestamp -F "digest=$digest" -H 'Idempotency-Key: token-1')" 200
holds "is the same token" cmp "$work/answer" "$work/token"
is "neither document nor digest" "$(ask POST /rs/v1/timestamp -F algorithm=sha256)" 422
is "a CMS over a digest" "$(hash -F "digest=$digest" -H 'Idempotency-Key: hash-1')" 200
cp "$work/answer" "$work/cms.der"
holds "openssl: the CMS over the file that stayed here" openssl cms -verify -cades -binary -inform DER -in "$work/cms.der" -content "$work/in.pdf" -CAfile "$root" -purpose any -out /dev/null
is "again with the same key" "$(hash -F "digest=$digest" -H 'Idempotency-Key: hash-1')" 200
holds "is the same CMS" cmp "$work/answer" "$work/cms.der"
is "a digest of another length" "$(hash -F "digest=${digest}00")" 422
is "says so" "$(reason)" digest-length
is "no hexadecimal" "$(hash -F "digest=${digest%??}zz")" 422

# --- batches ---
printf 'not a pdf' >"$work/not.pdf"
is "three documents, one of them none" "$(ask POST /rs/v1/batches -F "documents=@$work/in.pdf" -F "documents=@$work/not.pdf" -F "documents=@$work/est.pdf" -F "credential=$seal" -F level=ES)" 201
is "each has its outcome" "$(got '[.items[].state] | join(" ")')" "signed failed signed"
is "and its reason" "$(got '.items[1].reason')" pdf-not
batch=$(header location)
is "a signed one is fetched" "$(ask GET "$(got '.items[2].document')")" 200
cp "$work/answer" "$work/both.pdf"
is "and verified" "$(ask POST /rs/v1/verify -F "document=@$work/both.pdf")" 200
is "with both signatures" "$(got '[.signatures[].verdict] | join(" ")')" "total-passed total-passed"
is "the batch is asked for" "$(ask GET "$batch")" 200
is "two digests" "$(ask POST /rs/v1/batches -F "digest=$digest" -F "digest=$digest" -F "credential=$seal" -F level=ES)" 201
got '.items[1].cms' | base64 -d >"$work/cms.der"
holds "openssl: the second CMS" openssl cms -verify -cades -binary -inform DER -in "$work/cms.der" -content "$work/in.pdf" -CAfile "$root" -purpose any -out /dev/null
is "a wrong PIN fails all" "$(ask POST /rs/v1/batches -F "documents=@$work/in.pdf" -F "documents=@$work/est.pdf" -F "credential=$(account hanako@sakura.example credential)" -F level=ES -F pin=Wrong-9317 -F auth_method=x -F auth_level=2 -F auth_time="$(date -u +%Y-%m-%dT%H:%M:%SZ)")" 401
is "and counts once" "$(sql "SELECT pin_failures FROM credential WHERE public_id = '$(account hanako@sakura.example credential)'")" 1
is "an empty batch" "$(ask POST /rs/v1/batches -F "credential=$seal" -F level=ES)" 422

# --- jobs ---
job_state() { api_curl "$api$1" | jq -r .state; }
job_is() { [ "$(job_state "$1")" = "$2" ]; }
is "later" "$(sign -F async=1 -H 'Idempotency-Key: later-1')" 202; job=$(header location)
is "again with the same key" "$(sign -F async=1 -H 'Idempotency-Key: later-1')" 202
is "is the same job" "$(header location)" "$job"
holds "it is done" eventually 20 job_is "$job" signed
is "its record" "$(ask GET "$job")" 200
is "bears its name" "$(got .id)" "${job##*/}"
is "its file" "$(ask GET "$job/document")" 200
holds "pdfsig: valid" pdfsig_valid "$work/answer" 1
is "with a person's key" "$(ask POST /rs/v1/sign -F "document=@$work/in.pdf" -F "credential=$(account taro@sakura.example credential)" -F level=ES -F async=1 -F pin="$(account taro@sakura.example pin)")" 422
is "nobody would be there to enter the PIN" "$(reason)" async-pin
is "extension later" "$(ask POST /rs/v1/extend -F "document=@$work/est.pdf" -F kind=archive -F async=1)" 202; job=$(header location)
holds "is done" eventually 20 job_is "$job" signed
is "a batch for later" "$(ask POST /rs/v1/batches -F "documents=@$work/in.pdf" -F "documents=@$work/in.pdf" -F "credential=$seal" -F level=ES-T -F async=1)" 202
job=/rs/v1/jobs/$(got '.items[1].job')
holds "is done" eventually 20 job_is "$job" signed
is "a damaged file, repaired, later" "$(damaged -F repair=1 -F async=1)" 202; job=$(header location)
holds "is done" eventually 20 job_is "$job" signed
is "what cannot be signed" "$(ask POST /rs/v1/sign -F "document=@$work/certified.pdf" -F "credential=$seal" -F level=ES -F async=1)" 202; job=$(header location)
holds "fails" eventually 20 job_is "$job" failed
is "with its reason" "$(ask GET "$job")" 200
is "the same as at once" "$(reason)" certified-no-changes
is "and its document is gone" "$(sql "SELECT d.state FROM document d JOIN rs_job j ON j.document_id = d.id WHERE j.public_id = '${job##*/}'")" deleted
is "there is no file of it" "$(ask GET "$job/document")" 409

signer=$(cat "$work/a/run/signer.started")
kill -STOP "$signer" $(pgrep -P "$signer") # nothing is begun
is "ordered while the signer rests" "$(sign -F async=1)" 202; job=$(header location)
is "it waits" "$(job_state "$job")" queued
is "it is withdrawn" "$(ask DELETE "$job")" 204
is "and cancelled" "$(job_state "$job")" cancelled
is "once" "$(ask DELETE "$job")" 409
kill -CONT "$signer" $(pgrep -P "$signer")
idle() { [ "$(sql "SELECT COUNT(*) FROM job WHERE queue = 'signer' AND state IN ('ready', 'running')")" = 0 ]; }
holds "the signer goes on" eventually 20 idle
is "and leaves it so" "$(job_state "$job")" cancelled
kill -9 $(pgrep -P "$signer")
is "ordered after all its processes were killed" "$(sign -F async=1)" 202; job=$(header location)
holds "others do it" eventually 30 job_is "$job" signed
is "no options of a request are kept" "$(sql "SELECT COUNT(*) FROM rs_job WHERE options IS NOT NULL")" 0
is "a job of nobody" "$(ask DELETE /rs/v1/jobs/AAAAAAAAAAAAAAAAAAAAAA)" 404

is "the list" "$(ask GET '/rs/v1/jobs?limit=3')" 200
is "is cut" "$(got '.jobs | length')" 3
page=$(got '.jobs[-1].id'); next=$(got .next)
is "goes on" "$(ask GET "/rs/v1/jobs?limit=200&before=$next")" 200
is "behind the last line" "$(got "[.jobs[] | select(.id == \"$page\")] | length")" 0
is "to the end" "$(got .next)" null
is "only one state" "$(ask GET '/rs/v1/jobs?state=cancelled')" 200
is "is listed" "$(got '[.jobs[].state] | unique | join(" ")')" cancelled
is "a cursor that is none" "$(ask GET '/rs/v1/jobs?before=x')" 422

# --- notices ---
mkdir "$work/hook"
python3 -B "$top/tests/system/notices.py" "$hook" "$work/hook" & hook_pid=$!
cleanup() { kill "$hook_pid" 2>/dev/null; wait "$hook_pid" 2>/dev/null; }
put() { ask PUT /rs/v1/webhook -H 'Content-Type: application/json' -d "{\"url\": \"$1\"}"; }
is "nothing is registered" "$(ask GET /rs/v1/webhook)" 404
for url in http://example.jp/ https://localhost/ https://127.0.0.1/ 'https://[::1]/' https://10.0.0.1:443/x https://2130706433/ https://u:p@example.jp/ https://example.jp/#x ftp://example.jp/ https://intern/; do
    is "an address that is none: $url" "$(put "$url")" 422
done
is "an address without a scheme names its field" "$(ask PUT /rs/v1/webhook -H 'Content-Type: application/json' -d '{"url": "x"}')/$(got '.errors[0].field')" 422/url
is "registered" "$(put "http://localhost:$hook/hook")" 201
secret=$(got .secret)
like "its secret is shown" "$secret" '^[A-Za-z0-9_-]{43}$'
is "changed" "$(put "http://localhost:$hook/other")" 200
is "the secret is not shown again" "$(got .secret)" null
is "nor when asked" "$(ask GET /rs/v1/webhook; got .secret)" "$(printf '200\nnull')"
is "nor is it in the database as it is" "$(sql "SELECT COUNT(*) FROM rs_webhook WHERE secret LIKE CONCAT('%', '$secret', '%')")" 0
is "a test" "$(ask POST /rs/v1/webhook/test)" 204
came() { [ "$(wc -l <"$work/hook/notices")" -ge "$1" ]; }
holds "arrives" eventually 20 came 1
genuine() { python3 -c 'import hashlib, hmac, json, sys
n = [json.loads(l) for l in open(sys.argv[1])][-1]
t, v = (p.split("=", 1)[1] for p in n["headers"]["shomei-signature"].split(","))
assert hmac.new(sys.argv[2].encode(), (t + "." + n["body"]).encode(), hashlib.sha256).hexdigest() == v
assert json.loads(n["body"])["id"] == n["headers"]["shomei-delivery"]' "$work/hook/notices" "$1"; }
holds "and is signed" genuine "$secret"
fails "with nothing else" genuine "${secret}x"
is "a job that is told about" "$(sign -F async=1 -F reason=Personal-note)" 202; job=$(header location)
holds "is told about" eventually 20 came 2
like "by name and state" "$(tail -n 1 "$work/hook/notices" | jq -r .body)" "\"event\":\"job.signed\".*${job##*/}"
is "and nothing else of it" "$(grep -c 'Personal\|in\.pdf' "$work/hook/notices")" 0
touch "$work/hook/down"
is "while the system is away" "$(ask POST /rs/v1/webhook/test)" 204
missed() { [ "$(api_curl "$api/rs/v1/webhook/deliveries" | jq -r '.deliveries[0].reason')" = "$1" ]; }
holds "the log says what it answered" eventually 20 missed http-503
is "and that it goes on" "$(ask GET /rs/v1/webhook/deliveries; got '.deliveries[0].state')" "$(printf '200\nqueued')"
rm "$work/hook/down"
again() { sql "UPDATE rs_webhook SET hold_until = NULL; UPDATE job SET due = UTC_TIMESTAMP(6) WHERE kind = 'signer.rs.deliver' AND state = 'ready'"; }
again
holds "it arrives later" eventually 20 came 3
touch "$work/hook/moved"
is "a redirect" "$(ask POST /rs/v1/webhook/test)" 204
holds "is not followed" eventually 20 missed gateway-refused
is "to anywhere" "$(test -e "$work/hook/followed"; echo $?)" 1
rm "$work/hook/moved"
sql "UPDATE job SET attempts = 12, state = 'dead', ended = UTC_TIMESTAMP(6) WHERE kind = 'signer.rs.deliver' AND state = 'ready'; UPDATE rs_delivery SET state = 'failed' WHERE state = 'queued'; UPDATE rs_webhook SET hold_until = NULL"
ask GET /rs/v1/webhook/deliveries >/dev/null
is "one that was given up is sent again" "$(ask POST "/rs/v1/webhook/deliveries/$(got '.deliveries[0].id')/retry")" 204
holds "and arrives" eventually 20 came 4
is "one that was taken is not" "$(ask GET /rs/v1/webhook/deliveries >/dev/null; ask POST "/rs/v1/webhook/deliveries/$(got '.deliveries[0].id')/retry")" 404
asked=$(wc -c <"$work/hook/asked")
port=${repository##*:}; port=${port%/}
is "an inner service" "$(put "http://localhost:$port/crl/root.crl")" 200
ask POST /rs/v1/webhook/test >/dev/null
holds "is not reached, although other fetches may" eventually 20 missed gateway-refused
is "nor was the old place asked" "$(wc -c <"$work/hook/asked")" "$asked"
is "a new secret" "$(ask POST /rs/v1/webhook/secret -H 'Idempotency-Key: secret-1')" 200
cp "$work/answer" "$work/renewed"
is "the same request again" "$(ask POST /rs/v1/webhook/secret -H 'Idempotency-Key: secret-1')" 200
is "shows it no more" "$(got .secret)" null
cp "$work/renewed" "$work/answer"
like "is another one" "$(got .secret)" "^[A-Za-z0-9_-]{43}$"
[ "$(got .secret)" != "$secret" ]; report $? "than the first"
is "withdrawn" "$(ask DELETE /rs/v1/webhook)" 204
is "it is gone" "$(ask GET /rs/v1/webhook)" 404

# --- other customers ---
other() { sql "SELECT '$1'"; }
sql "SET @t = (SELECT id FROM tenant WHERE code = 'midori');
     INSERT INTO client (tenant_id, name, created_at) VALUES (@t, 'other', UTC_TIMESTAMP(6));
     UPDATE client_certificate SET client_id = LAST_INSERT_ID()"
is "another customer's job" "$(ask GET "$job")" 404
is "its file" "$(ask GET "$job/document")" 404
is "its withdrawal" "$(ask DELETE "$job")" 404
is "its batch" "$(ask GET "$batch")" 404
is "its seal" "$(sign)" 404
is "its list" "$(ask GET /rs/v1/jobs; got '.jobs | length')" "$(printf '200\n0')"
sql "UPDATE client_certificate SET client_id = (SELECT MIN(id) FROM client)"
sql "UPDATE client SET max_bytes = 500"
is "more than the contract says" "$(sign)" 413
sql "UPDATE client SET max_bytes = 104857600, per_minute = 1"
for _ in 1 2 3; do # a minute may end between two of them
    often=$(ask GET /rs/v1/credentials)
    [ "$often" != 429 ] || break
done
is "more often than the contract says" "$often" 429
like "with when to come again" "$(header retry-after)" '^[0-9]+$'
sql "UPDATE client SET per_minute = 240000"
is "an unknown parameter" "$(sign -F bogus=1)" 422
is "a mistyped one" "$(sign -F auth_level=much)" 422
is "is named" "$(got '.errors[0].field')" auth_level

# --- examples ---
export SHOMEI_API=${api%/} SHOMEI_CERT=$cert SHOMEI_KEY=$key SHOMEI_ROOT=$root
mkdir "$work/example"
holds "the curl example runs" "$top/docs/examples/sign.sh" "$work/in.pdf" "$seal" "$work/example"
for f in signed archived later; do holds "and makes $f.pdf" pdfsig_valid "$work/example/$f.pdf" 1; done
is "its report" "$(jq -r .verdict "$work/example/report.json")" total-passed
holds "the C example is built" cc -std=c11 -Wall -Wextra -Werror -o "$work/client" "$top/docs/examples/client.c" -lcurl -lcrypto
holds "it signs" "$work/client" sign "$seal" "$work/in.pdf" "$work/c.pdf"
holds "pdfsig: valid" pdfsig_valid "$work/c.pdf" 1
holds "it signs a digest" "$work/client" hash "$seal" "$work/in.pdf" "$work/c.cms"
holds "openssl: valid" openssl cms -verify -cades -binary -inform DER -in "$work/c.cms" -content "$work/in.pdf" -CAfile "$root" -purpose any -out /dev/null
is "a place for its notices" "$(put "http://localhost:$((hook + 1))/")" 201
SHOMEI_SECRET=$(got .secret) SHOMEI_LISTEN=$((hook + 1))
export SHOMEI_SECRET SHOMEI_LISTEN
holds "it orders, is told, and fetches" timeout 60 "$work/client" later "$seal" "$work/in.pdf" "$work/d.pdf"
holds "pdfsig: valid" pdfsig_valid "$work/d.pdf" 1

is "every answer was as documented" "$(cat "$work/schema.bad")" ""
[ ! -s "$work/schema.out" ] || sed 's/^/# /' "$work/schema.out" | sort -u | head -n 20
finish
