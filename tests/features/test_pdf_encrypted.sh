#!/bin/sh
# test_pdf_encrypted.sh - encrypted files of each revision and form, with and without a user's password,
# are signed inside their encryption and accepted by qpdf, pdfsig and mutool, which decrypt what we wrote.
here=${SHOMEI_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
tool=${SHOMEI_BUILDDIR:-.}/tests/features/pdf_tool
shared=$here/../shared/pdfs
work=$(mktemp -d "${TMPDIR:-/tmp}/shomei-encrypted.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
n=0
failed=0

ok() { # ok STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}

for program in pdfsig qpdf mutool openssl certutil; do
    command -v $program > /dev/null || { echo "1..0 # SKIP $program is not installed"; exit 0; }
done
mkdir "$work/in" "$work/out" "$work/nss"
"$tool" "$work" make || { echo "Bail out! pdf_tool make"; exit 1; }

lock() { # NAME PASSWORD FILE BITS [OPTION...]: encrypt a file
    name=$1; password=$2; file=$3; shift 3
    qpdf --allow-weak-crypto --encrypt "$password" owner "$@" -- "$work/$file.pdf" \
        "$work/in/$name-$file${password:+-user}.pdf" 2> /dev/null
}
for file in table stream objects form; do
    for password in "" user; do
        lock r2 "$password" $file 40
        lock r3 "$password" $file 128 --use-aes=n
        lock r4-rc4 "$password" $file 128 --force-V4
        lock r4-aes "$password" $file 128 --use-aes=y
        lock r4-clear "$password" $file 128 --use-aes=y --cleartext-metadata
        lock r5 "$password" $file 256 --force-R5
        lock r6 "$password" $file 256
    done
done
[ -d "$shared" ] && cp "$shared"/016-* "$shared"/020-* "$work/in/"
[ -d "$shared" ] && for f in "$shared"/008-*; do cp "$f" "$work/in/008-usersecret.pdf"; done

password_of() {
    case $1 in *-user.pdf) echo user ;; *-usersecret.pdf) echo usersecret ;; esac
}
set --
for f in "$work"/in/*.pdf; do
    word=$(password_of "$f")
    for level in ES ES-A:p256; do
        set -- "$@" "$level${word:+:pw=$word}" "$f" "$work/out/${level%:*}-$(basename "$f")"
    done
done
"$tool" "$work" "$@" > "$work/log"
ok $? "pdf_tool goes through all files"
certutil -N -d "sql:$work/nss" --empty-password
certutil -A -n root -t CT,C,C -i "$work/root.pem" -d "sql:$work/nss"

while read -r level file result _ verdict; do
    name=${level%%:*}-$(basename "$file")
    word=$(password_of "$file")
    signed=$work/out/$name
    [ "$result $verdict" = "signed total-passed" ]; r1=$?
    qpdf --check --password="$word" "$file" > "$work/before" 2>&1
    qpdf --check --password="$word" "$signed" > "$work/qpdf" 2>&1
    [ "$(grep -c -e WARNING -e rror: "$work/qpdf")" -le "$(grep -c -e WARNING -e rror: "$work/before")" ]; r2=$?
    pdfsig -no-ocsp -nssdir "$work/nss" -upw "$word" "$signed" > "$work/pdfsig" 2> /dev/null
    grep -q 'Signature is Valid' "$work/pdfsig" && grep -q 'Certificate is Trusted' "$work/pdfsig"; r3=$?
    mutool sign -p "$word" -v "$signed" 2>&1 | grep -q -e 'but there have been edits' -e 'unchanged since'; r4=$?
    # mutool's own cryptography reads what ours wrote: a string in UTF-16, a certificate
    mutool clean -D -p "$word" "$signed" "$work/clear.pdf" > /dev/null 2>&1
    grep -a -q '/Reason *<FEFF627F8A8D' "$work/clear.pdf"; r5=$?
    r6=0
    case $level in ES-A*)
        mutool show -p "$word" -b "$signed" trailer/Root/DSS/Certs/1 2> /dev/null |
            openssl x509 -inform DER -noout > /dev/null 2>&1; r6=$? ;;
    esac
    [ $r1$r2$r3$r4$r5$r6 = 000000 ]
    ok $? "$name: own $r1, qpdf $r2, pdfsig $r3, mutool $r4, strings $r5, streams $r6"
done < "$work/log"
echo "1..$n"
exit $failed
