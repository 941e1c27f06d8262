#!/bin/sh
# test_pdf_judges.sh - files signed at every level are accepted by pdfsig, qpdf, mutool and openssl
# (P3-09, P3-10): files made here in each form, and those of ../shared/pdfs where they are there.
here=${SHOMEI_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
tool=${SHOMEI_BUILDDIR:-.}/tests/features/pdf_tool
shared=$here/../shared/pdfs
work=$(mktemp -d "${TMPDIR:-/tmp}/shomei-judges.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
n=0
failed=0

ok() { # ok STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}
skip() { n=$((n + 1)); echo "ok $n - # SKIP $1"; }

for program in pdfsig qpdf mutool openssl certutil python3; do
    command -v $program > /dev/null || { echo "1..0 # SKIP $program is not installed"; exit 0; }
done

# --- the files ---
mkdir "$work/in" "$work/out" "$work/nss" "$work/carve"
"$tool" "$work/in" make || { echo "Bail out! pdf_tool make"; exit 1; }
"${SHOMEI_BUILDDIR:-.}/tests/unit/test_pdf_structure" "$work/in" || { echo "Bail out! test_pdf_structure"; exit 1; }
qpdf --linearize "$work/in/table.pdf" "$work/in/linearised-table.pdf"
qpdf --linearize --object-streams=generate "$work/in/form.pdf" "$work/in/linearised-objects.pdf"
qpdf --object-streams=generate "$work/in/form.pdf" "$work/in/compressed.pdf"
qpdf --encrypt "" owner 256 -- "$work/in/table.pdf" "$work/in/encrypted.pdf"
qpdf --encrypt user owner 256 -- "$work/in/table.pdf" "$work/in/password.pdf"

levels="ES ES-T:p256 ES-LT ES-A:p384"
set --
for f in "$work"/in/*.pdf "$shared"/*.pdf; do
    [ -f "$f" ] || continue
    for level in $levels; do
        set -- "$@" "$level" "$f" "$work/out/$level+$(basename "$f")"
    done
done
"$tool" "$work" "$@" > "$work/log" 2> "$work/errors"
ok $? "pdf_tool goes through all files"
[ ! -s "$work/errors" ]
ok $? "nothing is written to standard error"
certutil -N -d "sql:$work/nss" --empty-password
certutil -A -n root -t CT,C,C -i "$work/root.pem" -d "sql:$work/nss"

# --- the judges: each prints why it refuses ---
judge_pdfsig() { # FILE LEVEL EARLIER: our signature is valid, trusted and covers the file
    pdfsig -no-ocsp -nssdir "$work/nss" "$1" > "$work/pdfsig" 2> /dev/null
    awk -v want=$(($3 + 1)) '/^Signature #/ { i++ } i == want' "$work/pdfsig" > "$work/ours"
    grep -q 'Signature Validation: Signature is Valid' "$work/ours" &&
        grep -q 'Certificate Validation: Certificate is Trusted' "$work/ours" &&
        grep -q 'Signature Type: ETSI.CAdES.detached' "$work/ours" || return 1
    case $2 in ES-LT* | ES-A*) ;; *) grep -q '  - Total document signed' "$work/ours" ;; esac
}
look_at() { # OLD: what the judges say of the original, once for all levels
    [ "$1" = "$looked_at" ] && return
    looked_at=$1
    pdfsig -no-ocsp -nssdir "$work/nss" "$1" > "$work/old" 2> /dev/null
    grep 'Validation:' "$work/old" > "$work/old.v"
    earlier=$(grep -c '^Signature #' "$work/old")
    qpdf --check "$1" 2>&1 | grep -c WARNING > "$work/old.q"
}
judge_earlier() { # what pdfsig said of earlier signatures, it still says
    grep 'Validation:' "$work/pdfsig" | head -n "$(wc -l < "$work/old.v")" | cmp -s - "$work/old.v"
}
judge_qpdf() { # FILE: no complaint that the original did not cause
    qpdf --check "$1" > "$work/qpdf" 2>&1
    grep -c WARNING "$work/qpdf" > "$work/after"
    ! grep -q -i 'error' "$work/qpdf" || grep -q 'No syntax or stream encoding errors' "$work/qpdf" ||
        cmp -s "$work/old.q" "$work/after"
}
judge_mutool() { # FILE LEVEL: validation data that follow are "edits" to it
    mutool sign -v "$1" > "$work/mutool" 2>&1
    ! grep -q 'repairing' "$work/mutool" || return 1
    case $2 in
    ES-LT* | ES-A*) grep -q 'signature is valid but there have been edits' "$work/mutool" ;;
    *) grep -q 'unchanged since signing' "$work/mutool" ;;
    esac
}
judge_openssl() { # FILE: CMS as CAdES, time-stamps by ts
    rm -f "$work"/carve/*
    python3 "$here/tests/features/pdf_carve.py" "$1" "$work/carve" > "$work/carved" || return 1
    # ours are the last: one signature, at ES-A a document time-stamp behind it
    tail -n 2 "$work/carved" | while read -r i kind _; do
        if [ "$kind" = ETSI.RFC3161 ]; then
            openssl ts -verify -token_in -in "$work/carve/$i.cms" -data "$work/carve/$i.covered" \
                -CAfile "$work/root.pem" > /dev/null 2>&1 || exit 1
        elif [ "$i" -gt "$2" ]; then
            openssl cms -verify -cades -binary -inform DER -in "$work/carve/$i.cms" -content \
                "$work/carve/$i.covered" -CAfile "$work/root.pem" -purpose any -out /dev/null \
                2> /dev/null || exit 1
        fi
    done
}

# --- the judgement ---
expected_refusal() { # NAME: the reason that a file is refused with, if it is to be refused
    case $1 in
    password.pdf | 008-*) echo pdf-password-needed ;;
    # poppler refuses them too
    002-*) echo pdf-damaged-catalog ;;
    021-*) echo pdf-damaged-startxref ;;
    esac
}
looked_at=
judge() { # LEVEL FILE RESULT...
    name=$(basename "$2")
    signed=$work/out/$1+$name
    reason=$(expected_refusal "$name")
    if [ -n "$reason" ]; then
        [ "$3" = "$reason" ] && [ ! -e "$signed" ]
        ok $? "$name at $1 is refused: $reason"
        return
    fi
    [ "$3" = signed ] || { ok 1 "$name at $1 is signed ($3)"; return; }
    look_at "$2"
    judge_pdfsig "$signed" "$1" "$earlier"; r1=$?
    judge_earlier; r2=$?
    judge_qpdf "$signed"; r3=$?
    judge_mutool "$signed" "$1"; r4=$?
    judge_openssl "$signed" "$earlier"; r5=$?
    [ $r1$r2$r3$r4$r5 = 00000 ]
    ok $? "$name at $1: pdfsig $r1, earlier signatures $r2, qpdf $r3, mutool $r4, openssl $r5"
}
while read -r level file result _; do
    judge "$level" "$file" "$result"
done < "$work/log"

# --- two people in sequence; growth; a flipped byte ---
"$tool" "$work" ES "$work/in/compressed.pdf" "$work/1.pdf" ES-T:p256 "$work/1.pdf" "$work/2.pdf" \
    ES-A:p384 "$work/2.pdf" "$work/3.pdf" > /dev/null
certutil -D -n root -d "sql:$work/nss"
certutil -A -n root -t CT,C,C -i "$work/root.pem" -d "sql:$work/nss"
pdfsig -no-ocsp -nssdir "$work/nss" "$work/3.pdf" > "$work/pdfsig" 2> /dev/null
[ "$(grep -c 'Signature is Valid' "$work/pdfsig")" = 3 ] &&
    [ "$(grep -c 'Certificate is Trusted' "$work/pdfsig")" = 3 ]
ok $? "three signatures in sequence stay valid"
[ $(($(wc -c < "$work/1.pdf") - $(wc -c < "$work/in/compressed.pdf"))) -le 12288 ]
ok $? "ES grows by at most 12 kB"
[ $(($(wc -c < "$work/2.pdf") - $(wc -c < "$work/1.pdf"))) -le 40960 ]
ok $? "ES-T grows by at most 40 kB"
python3 -c "
import sys
d = bytearray(open(sys.argv[1], 'rb').read()); d[600] ^= 1
open(sys.argv[2], 'wb').write(d)" "$work/1.pdf" "$work/flipped.pdf"
pdfsig -no-ocsp -nssdir "$work/nss" "$work/flipped.pdf" 2> /dev/null | grep -q 'Digest Mismatch'
ok $? "a flipped byte is a digest mismatch"
[ -d "$shared" ] || skip "../shared/pdfs is not there"
echo "1..$n"
exit $failed
