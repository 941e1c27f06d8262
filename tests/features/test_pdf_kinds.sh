#!/bin/sh
# test_pdf_kinds.sh - certifications, locks, seals and extensions, on files of each form and on those
# that other software signed, are accepted by pdfsig, qpdf, mutool and openssl; earlier signatures
# stay as valid as they were (P3-10).
here=${SHOMEI_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
tool=${SHOMEI_BUILDDIR:-.}/tests/features/pdf_tool
shared=$here/../shared/pdfs
work=$(mktemp -d "${TMPDIR:-/tmp}/shomei-kinds.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
n=0
failed=0

ok() { # ok STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}

for program in pdfsig qpdf mutool openssl certutil python3; do
    command -v $program > /dev/null || { echo "1..0 # SKIP $program is not installed"; exit 0; }
done

# --- the files: ours, and such as pdfsig has signed with a key of its own ---
mkdir "$work/in" "$work/out" "$work/nss" "$work/carve"
"$tool" "$work/in" make || { echo "Bail out! pdf_tool make"; exit 1; }
qpdf --linearize --object-streams=generate "$work/in/form.pdf" "$work/in/linearised.pdf"
qpdf --min-version=2.0 --force-version=2.0 "$work/in/table.pdf" "$work/in/two.pdf"
python3 "$here/tests/data/make_pdf.py" "$work/in/plain.pdf" 20000
qpdf --encrypt "" owner 256 --modify=form -- "$work/in/table.pdf" "$work/in/formonly.pdf"
qpdf --encrypt "" owner 128 --modify=none -- "$work/in/objects.pdf" "$work/in/readonly.pdf" 2> /dev/null ||
    qpdf --encrypt "" owner 256 --modify=none -- "$work/in/objects.pdf" "$work/in/readonly.pdf"
certutil -N -d "sql:$work/nss" --empty-password
head -c 64 /dev/urandom > "$work/noise"
certutil -S -n other -s "CN=Other Software" -x -t CT,C,C -v 12 -m 7 -k rsa -g 2048 -z "$work/noise" \
    --keyUsage digitalSignature,nonRepudiation -d "sql:$work/nss" > /dev/null 2>&1
for form in table stream objects; do
    pdfsig -nssdir "$work/nss" -nick other -add-signature -new-signature-field-name Theirs \
        "$work/in/$form.pdf" "$work/in/theirs-$form.pdf" > /dev/null 2>&1 || rm -f "$work/in/theirs-$form.pdf"
done
ls "$work"/in/theirs-*.pdf > /dev/null 2>&1
ok $? "pdfsig signs files for us to continue"

# --- what is made of them ---
fresh="ES:certify=1 ES-T:p256:certify=2:seal ES-A:p384:certify=3:seals ES-A:p256:lock:seal ES-LT:seals"
signed="ES:seal ES-A:p256:lock:seal timestamp archive ES:certify=2 ES:seals"
set --
add() { set_file=$1; shift; for kind in "$@"; do echo "$kind $set_file"; done >> "$work/plan"; }
for f in table stream objects linearised two plain; do add "$work/in/$f.pdf" $fresh timestamp archive; done
for f in "$work"/in/theirs-*.pdf; do [ -f "$f" ] && add "$f" $signed; done
for f in "$shared"/005-*.pdf "$shared"/006-*.pdf "$shared"/007-*.pdf "$shared"/009-*.pdf; do
    [ -f "$f" ] && add "$f" ES:seal ES-A:p256 timestamp archive ES:certify=2
done
for f in "$shared"/0[01][0134]-*.pdf "$shared"/01[57]-*.pdf "$shared"/018-*.pdf; do
    [ -f "$f" ] && add "$f" ES-T:p256:certify=2:seal ES-A:p384:seal
done
for f in formonly readonly; do add "$work/in/$f.pdf" ES ES-A:p256:seal:pw=owner archive; done
while read -r kind f; do set -- "$@" "$kind" "$f" "$work/out/$kind+$(basename "$f")"; done < "$work/plan"
"$tool" "$work" "$@" > "$work/log" 2> "$work/errors"
ok $? "pdf_tool goes through all files"
[ ! -s "$work/errors" ]
ok $? "nothing is written to standard error"
certutil -A -n root -t CT,C,C -i "$work/root.pem" -d "sql:$work/nss"

# --- the judges ---
looked_at=
look_at() { # OLD: what is said of it before
    [ "$1" = "$looked_at" ] && return
    looked_at=$1
    pdfsig -no-ocsp -nssdir "$work/nss" "$1" > "$work/old" 2> /dev/null
    grep 'Signature Validation:' "$work/old" > "$work/old.v"
    qpdf --check "$1" 2>&1 | grep -c WARNING > "$work/old.q"
}
judge_pdfsig() { # FILE: the earlier ones as before, each new one valid
    pdfsig -no-ocsp -nssdir "$work/nss" "$1" 2> /dev/null | grep 'Signature Validation:' > "$work/new.v"
    head -n "$(wc -l < "$work/old.v")" "$work/new.v" | cmp -s - "$work/old.v" || return 1
    tail -n "+$(($(wc -l < "$work/old.v") + 1))" "$work/new.v" > "$work/added.v"
    [ -s "$work/added.v" ] && ! grep -v -q 'Signature is Valid\|Document signed with an unsupported\|not yet been verified' "$work/added.v"
}
judge_qpdf() {
    qpdf --check "$1" > "$work/qpdf" 2>&1
    grep -c WARNING "$work/qpdf" | cmp -s - "$work/old.q"
}
judge_mutool() {
    mutool sign -v "$1" > "$work/mutool" 2>&1
    ! grep -q 'repairing\|digest mismatch\|invalid' "$work/mutool"
}
judge_openssl() { # ours: what the root vouches for
    rm -f "$work"/carve/*
    python3 "$here/tests/features/pdf_carve.py" "$1" "$work/carve" > "$work/carved" || return 1
    tail -n 1 "$work/carved" | while read -r i kind _; do
        if [ "$kind" = ETSI.RFC3161 ]; then
            openssl ts -verify -token_in -in "$work/carve/$i.cms" -data "$work/carve/$i.covered" \
                -CAfile "$work/root.pem" > /dev/null 2>&1 || exit 1
        else
            openssl cms -verify -cades -binary -inform DER -in "$work/carve/$i.cms" -content \
                "$work/carve/$i.covered" -CAfile "$work/root.pem" -purpose any -out /dev/null \
                2> /dev/null || exit 1
        fi
    done
}

expected() { # KIND NAME: the reason of a refusal, if it is to be refused
    case $1:$2 in
    ES:formonly.pdf | ES:readonly.pdf | archive:readonly.pdf) echo pdf-permissions ;; # the owner may
    archive:formonly.pdf | archive:table.pdf | archive:stream.pdf | archive:objects.pdf | archive:linearised.pdf | \
        archive:two.pdf | archive:plain.pdf) echo extend-unsigned ;;
    *certify*:theirs-* | *certify*:005-* | *certify*:006-* | *certify*:007-* | *certify*:009-*)
        echo certify-not-first ;;
    *:seals:theirs-* | ES:seals:*) echo certified-no-annotations ;;
    *seals*:plain.pdf | *seals*:linearised.pdf) echo seal-page ;; # fewer than three pages
    *:seal*:017-* | *seal:017-*) echo seal-place ;; # pages smaller than the seal
    archive:00[5679]-*) echo evidence ;;
    esac
}
judge() { # KIND FILE RESULT
    name=$(basename "$2")
    made=$work/out/$1+$name
    reason=$(expected "$1" "$name")
    if [ "$reason" = evidence ]; then # of authorities that are no more
        case $3 in chain-* | revocation-unavailable | extend-*) [ ! -e "$made" ] ;; *) false ;; esac
        ok $? "$name: $1 fails closed ($3)"
        return
    fi
    if [ -n "$reason" ]; then
        [ "$3" = "$reason" ] && [ ! -e "$made" ]
        ok $? "$name: $1 is refused: $reason ($3)"
        return
    fi
    [ "$3" = signed ] || { ok 1 "$name: $1 ($3)"; return; }
    look_at "$2"
    judge_pdfsig "$made"; r1=$?
    judge_qpdf "$made"; r2=$?
    judge_mutool "$made"; r3=$?
    judge_openssl "$made"; r4=$?
    [ $r1$r2$r3$r4 = 0000 ]
    ok $? "$name: $1: pdfsig $r1, qpdf $r2, mutool $r3, openssl $r4"
}
while read -r kind file result _; do
    judge "$kind" "$file" "$result"
done < "$work/log"
echo "1..$n"
exit $failed
