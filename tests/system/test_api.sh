#!/usr/bin/env bash
# The RS API through nginx and mutual TLS (P3-09, P3-10, P3-12, P3-13, P3-14, P3-24, P3-148): every level judged by
# pdfsig, qpdf and openssl; every refusal a problem document.
. "$(dirname "$0")/lib.sh"

instance "$work/a" "$(free_ports)" || { report 1 "Shomei starts"; finish; }
nss
for kind in classic stream linear; do
    pdf "$work/in.pdf" $kind
    for level in ES ES-T ES-LT ES-A; do
        is "$kind at $level is signed" "$(api_sign "$work/in.pdf" "$work/$kind-$level.pdf" $level -F reason=確認 -F location=東京)" 200
        like "the answer is a PDF" "$(header content-type)" '^application/pdf'
        like "it names its job" "$(header location)" '^/rs/v1/jobs/[A-Za-z0-9_-]+$'
        holds "qpdf finds it sound" qpdf --check "$work/$kind-$level.pdf"
        n=1; [ $level != ES-A ] || n=1
        holds "pdfsig: valid" pdfsig_valid "$work/$kind-$level.pdf" $n
        holds "the original is its beginning, byte for byte" cmp -n "$(stat -c %s "$work/in.pdf")" "$work/in.pdf" "$work/$kind-$level.pdf"
        got=$(api_curl -F "document=@$work/$kind-$level.pdf" "$api/rs/v1/verify")
        is "our verifier: passed" "$(printf '%s' "$got" | jq -r .verdict)" total-passed
        is "our verifier: level" "$(printf '%s' "$got" | jq -r '.signatures[0].level')" $level
    done
done
growth() { echo $(($(stat -c %s "$1") - $(stat -c %s "$2"))); }
pdf "$work/in.pdf" classic
holds "an ES signature adds at most 12 kB (DESIGN 8)" test "$(growth "$work/classic-ES.pdf" "$work/in.pdf")" -le 12288
holds "an ES-T signature adds at most 40 kB" test "$(growth "$work/classic-ES-T.pdf" "$work/in.pdf")" -le 40960

python3 "$top/tests/data/cut_cms.py" "$work/classic-ES-T.pdf" "$work/cms.der" "$work/content"
holds "openssl cms: CAdES signature" openssl cms -verify -cades -inform DER -in "$work/cms.der" -content "$work/content" -binary -CAfile "$root" -purpose any -out /dev/null

seals=$(jq -r '.api_client.seals[].credential' "$demo")
for s in $seals; do
    is "seal $(jq -r --arg s "$s" '.api_client.seals[] | select(.credential == $s) | .key_kind' "$demo") signs" \
        "$(seal=$s api_sign "$work/in.pdf" "$work/out.pdf" ES)" 200
    holds "pdfsig: valid" pdfsig_valid "$work/out.pdf" 1
done

# two people, one after the other
first=hanako@sakura.example second=taro@sakura.example
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
as() { echo "-F auth_method=password+totp -F auth_level=2 -F auth_time=$(now)"; }
is "the first person signs with a PIN" "$(seal=$(account $first credential) api_sign "$work/in.pdf" "$work/one.pdf" ES-T -F "pin=$(account $first pin)" $(as))" 200
is "the second person signs what the first signed" "$(seal=$(account $second credential) api_sign "$work/one.pdf" "$work/two.pdf" ES-T -F "pin=$(account $second pin)" $(as))" 200
holds "pdfsig: both valid" pdfsig_valid "$work/two.pdf" 2

problem() { # problem NAME STATUS WANTED-STATUS TYPE-PATTERN
    is "$1: status" "$2" "$3"
    like "$1: problem document" "$(header content-type)" '^application/problem\+json'
    like "$1: type" "$(jq -r .type "$work/out.pdf")" "$4"
}
problem "wrong PIN" "$(seal=$(account $first credential) api_sign "$work/in.pdf" "$work/out.pdf" ES -F pin=Wrong-9317 $(as))" 401 pin-wrong
problem "no PIN" "$(seal=$(account $first credential) api_sign "$work/in.pdf" "$work/out.pdf" ES $(as))" 422 .
problem "another tenant's credential" "$(seal=$(account alice@midori.example credential) api_sign "$work/in.pdf" "$work/out.pdf" ES -F "pin=$(account alice@midori.example pin)" $(as))" 404 .
problem "unknown level" "$(api_sign "$work/in.pdf" "$work/out.pdf" ES-X)" 422 .
problem "unknown parameter" "$(api_sign "$work/in.pdf" "$work/out.pdf" ES -F bogus=1)" 422 .
printf 'not a pdf' >"$work/not.pdf"; : >"$work/empty.pdf"
problem "not a PDF" "$(api_sign "$work/not.pdf" "$work/out.pdf" ES)" 422 pdf-
problem "empty" "$(api_sign "$work/empty.pdf" "$work/out.pdf" ES)" 422 .
size=$(stat -c %s "$work/in.pdf")
bad=0
for i in 1 2 3 4 5 6 7 8 9; do
    head -c $((size * i / 10)) "$work/in.pdf" >"$work/cut.pdf"
    [ "$(api_sign "$work/cut.pdf" "$work/out.pdf" ES)" = 422 ] || bad=$((bad + 1))
done
is "truncated at every tenth byte: refused" $bad 0

ikey="test-$RANDOM-$RANDOM"
is "idempotency: first" "$(api_sign "$work/in.pdf" "$work/i1.pdf" ES -H "Idempotency-Key: $ikey")" 200; job1=$(header location)
is "idempotency: again" "$(api_sign "$work/in.pdf" "$work/i2.pdf" ES -H "Idempotency-Key: $ikey")" 200
is "the same job" "$(header location)" "$job1"
holds "the same bytes" cmp "$work/i1.pdf" "$work/i2.pdf"
like "the same key for another request is refused" "$(api_sign "$work/in.pdf" "$work/out.pdf" ES-T -H "Idempotency-Key: $ikey")" '^4(09|22)$'
is "concurrent duplicates sign once" "$(for i in 1 2 3 4; do (api_curl -o /dev/null -D - -F "document=@$work/in.pdf" -F "credential=$seal" -F level=ES -H "Idempotency-Key: c$ikey" "$api/rs/v1/sign" | sed -nE 's/^location: (.*)\r$/\1/Ip') & done | sort -u | wc -l; wait)" 1

is "the job tells its state" "$(api_curl -o "$work/job.json" -w '%{http_code}' "$api$job1")" 200
is "credentials are listed" "$(api_curl -o "$work/creds.json" -w '%{http_code}' "$api/rs/v1/credentials")" 200
is "delete now" "$(api_curl -o /dev/null -w '%{http_code}' -X DELETE "$api$job1")" 204
like "afterwards the record stays" "$(api_curl "$api$job1")" '"deleted'
is "an unknown job" "$(api_curl -o /dev/null -w '%{http_code}' "$api/rs/v1/jobs/AAAAAAAAAAAAAAAAAAAAAA")" 404

is "no client certificate" "$(curl -sS --cacert "$root" -o /dev/null -w '%{http_code}' "$api/rs/v1/credentials")" 401
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/x.key" -out "$work/x.pem" -subj /CN=stranger -days 2 2>/dev/null
like "a stranger's certificate" "$(curl -sS --cacert "$root" --cert "$work/x.pem" --key "$work/x.key" -o /dev/null -w '%{http_code}' "$api/rs/v1/credentials")" '^(400|401)$'
finish
