#!/usr/bin/env bash
# A whole Shomei, looked at with a real Chromium: journeys in both languages, every page at desktop and
# phone width, axe-core on each. Screenshots go to $SHOMEI_SCREENSHOTS. Those of certificates: certificates.sh.
. "$(dirname "$0")/../system/lib.sh"
trap 'stop_instance; rm -rf "$work"' EXIT

HOOK=$(free_ports)
export HOOK SHOMEI_WEBHOOK_ALLOW="localhost:$HOOK"
instance "$work/a" "$(free_ports)" >&2 || { echo "not ok 1 - Shomei starts"; echo "1..1"; exit 1; }
pdf "$work/agreement.pdf" stream
nss
export DEMO=$demo FILE=$work/agreement.pdf OUT=$work SHOMEI_SCREENSHOTS=${SHOMEI_SCREENSHOTS:-$work/screenshots} MAILS=$work/a/mail
export NODE_NO_WARNINGS=1
mkdir -p "$SHOMEI_SCREENSHOTS"
node "$top/tests/browser/journey.mjs"
status=$?
node "$top/tests/browser/place.mjs" || status=1
python3 "$top/tests/data/make_pdf.py" "$work/覚書.pdf" 40000
FILE2=$work/覚書.pdf node "$top/tests/browser/envelopes.mjs" || status=1
# pdfsig judges the chain of a certificate only once in a file: the witness, who signed twice, is counted by signatures
for f in "$work"/contract-*.pdf "$work"/report-*.pdf; do
    n=3; case $f in */report-*) n=1 ;; esac
    pdfsig -nssdir "$work/nss" "$f" >"$work/pdfsig.out" 2>/dev/null
    if qpdf --check "$f" >/dev/null && [ "$(grep -c 'Signature Validation: Signature is Valid' "$work/pdfsig.out")" = "$n" ] &&
        ! grep -q 'issuer is unknown' "$work/pdfsig.out"; then echo "ok - qpdf and pdfsig: $(basename "$f")"; else echo "not ok - qpdf and pdfsig: $(basename "$f")"; status=1; fi
done
python3 "$top/tests/data/large_pdf.py" 25000000 "$work/large.pdf"
LARGE=$work/large.pdf node "$top/tests/browser/uploads.mjs" || status=1
node "$top/tests/browser/together.mjs" || status=1
for f in "$work"/together-*.zip; do
    if unzip -tq "$f" >/dev/null && python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); sys.exit(z.testzip() is not None or len(z.namelist()) != 4)' "$f"; then echo "ok - unzip and python read $(basename "$f")"; else echo "not ok - $(basename "$f")"; status=1; fi
    unzip -qo "$f" -d "$f.d"
    for p in "$f.d"/*.pdf; do
        if pdfsig_valid "$p" 1 >/dev/null; then echo "ok - pdfsig: $(basename "$p") is valid"; else echo "not ok - pdfsig: $(basename "$p")"; status=1; fi
    done
done
api_sign "$work/agreement.pdf" "$work/by-seal.pdf" ES-T >/dev/null
python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1], "w"); z.write(sys.argv[2], "契約/10月.pdf"); z.writestr("memo.txt", "no PDF")' "$work/month.zip" "$work/by-seal.pdf"
SIGNED=$work/by-seal.pdf ZIP=$work/month.zip node "$top/tests/browser/verification.mjs" || status=1
node "$top/tests/browser/notices.mjs" || status=1
node "$top/tests/browser/seals.mjs" || status=1
for f in "$work"/signed-*.pdf; do
    [ -e "$f" ] || continue
    if pdfsig_valid "$f" 1 >/dev/null; then echo "ok - pdfsig: $(basename "$f") as downloaded in the browser is valid"; else echo "not ok - pdfsig: $(basename "$f")"; status=1; fi
done
exit $status
