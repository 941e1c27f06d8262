#!/usr/bin/env bash
# sign.sh - the remote signing API with curl: sign, sign later, extend, verify, sign a digest, timestamp.
#
# usage: SHOMEI_API=https://localhost:8444 SHOMEI_CERT=client.pem SHOMEI_KEY=client.key SHOMEI_ROOT=root.pem \
#            sign.sh FILE.pdf CREDENTIAL FOLDER
# CREDENTIAL is a seal without a PIN that your certificate may use (GET /rs/v1/credentials). What comes back is
# put into FOLDER.
set -euo pipefail
[ $# = 3 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
file=$1 credential=$2 out=$3
api=${SHOMEI_API%/}
call() { curl -sS --fail-with-body --max-time 120 --cert "$SHOMEI_CERT" --key "$SHOMEI_KEY" --cacert "$SHOMEI_ROOT" "$@"; }
id="example-$(date +%s)-$$" # one for each request that must not happen twice

# At once: the answer is the signed file. Repeating it with the same key gives the same file.
call -F document=@"$file" -F credential="$credential" -F level=ES-T -F reason='Approved' \
    -F page=1 -F rect=400,60,80,80 -F seal=drawn:round:承認 -F caption_date=1 \
    -H "Idempotency-Key: $id-sign" -o "$out/signed.pdf" "$api/rs/v1/sign"

# To ES-A, whoever signed it; later, years from now, the same request renews its archive timestamp.
call -F document=@"$out/signed.pdf" -F kind=archive -H "Idempotency-Key: $id-extend" -o "$out/archived.pdf" "$api/rs/v1/extend"

# What is it worth?
call -F document=@"$out/archived.pdf" -o "$out/report.json" "$api/rs/v1/verify"

# Later: 202 and a job. A notice tells when it is done (see client.c); asking does too.
job=$(call -F document=@"$file" -F credential="$credential" -F level=ES-A -F async=1 \
    -H "Idempotency-Key: $id-later" -o /dev/null -w '%header{location}' "$api/rs/v1/sign")
for _ in $(seq 60); do
    call -o "$out/job.json" "$api$job"
    case $(tr -d ' \n' <"$out/job.json") in
    *'"state":"signed"'*) call -o "$out/later.pdf" "$api$job/document"; break ;;
    *'"state":"failed"'*) cat "$out/job.json" >&2; exit 1 ;;
    esac
    sleep 1
done

# The document stays here: only its digest goes out. The CMS is checked against the file.
digest=$(sha256sum "$file" | cut -d' ' -f1)
call -F digest="$digest" -F algorithm=sha256 -F credential="$credential" -F level=ES-T -o "$out/signature.cms" "$api/rs/v1/sign-hash"
openssl cms -verify -cades -binary -inform DER -in "$out/signature.cms" -content "$file" -CAfile "$SHOMEI_ROOT" -purpose any -out /dev/null

# A timestamp alone.
call -F digest="$digest" -o "$out/token.tst" "$api/rs/v1/timestamp"
openssl ts -verify -token_in -in "$out/token.tst" -data "$file" -CAfile "$SHOMEI_ROOT" >/dev/null
