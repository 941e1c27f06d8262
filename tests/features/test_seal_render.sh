#!/bin/bash
# Visible seals judged by pdftoppm, mutool, qpdf, pdffonts and pdftotext: where they are on turned
# pages and under a UserUnit, that nothing else changes, that transparency stays.
here=$(cd "$(dirname "$0")" && pwd)
build=${SHOMEI_BUILDDIR:-$here/../..}
tool=$build/tests/features/seal_tool
for need in pdftoppm pdftotext pdffonts mutool qpdf; do
    command -v "$need" >/dev/null || { echo "1..0 # SKIP $need is not installed"; exit 0; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
n=0
result() { # status, words, detail
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; echo "# $3"; fi
}
[ -r /usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf ] || { echo "1..0 # SKIP the fonts are not installed"; exit 0; }

# pixels NAME UNIT X Y W H [quarters]: both renderers, both pages; displayed 400 x 600 points
pixels() {
    local name=$1 unit=$2 x=$3 y=$4 w=$5 h=$6 dpi out e=0 bx by bw bh
    read -r bx by bw bh < <(python3 -c "print($x, 600 - $y - $h, $w, $h)")
    for page in 1 $([ "$name" = q0-1 ] && echo 2); do
        # poppler draws as if there were no UserUnit
        for side in before after; do
            pdftoppm -cropbox -r "$(python3 -c "print(72 * $unit)")" -f $page -l $page "$name-$side.pdf" "p-$side-$page"
            mv "p-$side-$page"-*.ppm "p-$side-$page.ppm"
            mutool draw -q -A 8 -r 72 -o "m-$side-$page.ppm" "$name-$side.pdf" $page 2>/dev/null
        done
        for r in p m; do
            out=$(python3 "$here/seal_pixels.py" "$r-before-$page.ppm" "$r-after-$page.ppm" \
                "$bx" "$by" "$bw" "$bh" $7 2>&1)
            result $? "$name, page $page, $([ $r = p ] && echo poppler || echo mupdf): in its place, and nothing else changed" "$out"
        done
    done
}

for rotate in 0 90 180 270 -90; do
    for unit in 1 2.5; do
        name=q$rotate-$unit
        out=$($tool place . $name $rotate $unit 250 410 90 60 png 2>&1)
        result $? "picture on a page turned by $rotate, UserUnit $unit" "$out"
        pixels $name $unit 250 410 90 60 quarters
    done
done
out=$($tool place . round 90 1 20 30 80 80 round 佐藤 2>&1)
result $? "a round seal" "$out"
pixels round 1 20 30 80 80
out=$($tool place . square 270 1 300 30 80 80 square 緑山商事株式会社印 2>&1)
result $? "a square seal of nine characters" "$out"
pixels square 1 300 30 80 80
out=$($tool place . captions 0 1 100 100 150 60 round 山田 '山田 太郎' '承認 (approved) 葛󠄀飾' '2026年11月20日' 2>&1)
result $? "a seal with captions" "$out"
pixels captions 1 100 100 150 60
out=$(pdftotext captions-after.pdf - | tr '\n' ' ')
case $out in *'山田 太郎'*'承認 (approved) 葛'*'2026年11月20日'*) s=0 ;; *) s=1 ;; esac
result $s "captions are text that can be copied" "$out"
out=$(pdffonts captions-after.pdf)
[ "$(echo "$out" | grep -c 'IPAexGothic *CID TrueType *Identity-H *yes yes yes')" = 1 ]
result $? "one embedded subset, with its Unicode values" "$out"
# inside encrypted files: everything that is written is encrypted as the rest
$tool place . plain 90 1 100 100 150 60 round 山田 '山田 太郎' '承認' '2026年11月20日' >/dev/null
while read -r name args; do
    # shellcheck disable=SC2086
    qpdf --allow-weak-crypto --encrypt '' owner $args -- plain-before.pdf "$name-before.pdf" 2>/dev/null
    out=$($tool over "$name-before.pdf" "$name-after.pdf" 100 100 150 60 round 山田 '山田 太郎' '承認' '2026年11月20日' 2>&1)
    result $? "$name: a seal in an encrypted file" "$out"
    pixels "$name" 1 100 100 150 60
    out=$(pdftotext "$name-after.pdf" - | tr '\n' ' ')
    case $out in *'山田 太郎'*'承認'*'2026年11月20日'*) s=0 ;; *) s=1 ;; esac
    result $s "$name: its captions can be copied" "$out"
    grep -q -a 'Ordering(Identity)' "$name-after.pdf"
    result $((! $?)) "$name: no string is written in the clear"
done <<'END'
rc4-40 40
rc4-128 128 --use-aes=n
aes-128 128 --use-aes=y
aes-256 256
END

for f in *-after.pdf; do
    out=$(qpdf --check "$f" 2>&1)
    result $? "$f: qpdf finds nothing wrong" "$out"
done
for f in q0-1 captions; do
    size=$(stat -c %s $f-after.pdf)
    [ "$size" -lt 40000 ]
    result $? "$f: is small ($size bytes)" "$size"
done

refused() { # reason, arguments of place
    local reason=$1 out
    shift
    out=$($tool place . no "$@" 2>&1)
    case $out in "$reason ("*) s=0 ;; *) s=1 ;; esac
    result $s "refused: $reason" "$out"
}
refused seal-place 0 1 350 410 90 60 png
refused seal-place 90 2 -5 410 90 60 png
refused seal-place 0 1 10 10 2 2 png
refused seal-place 0 1 10 nan 20 20 png
refused seal-place-large 0 1 10 10 380 300 png
refused seal-caption-room 0 1 10 10 20 5 text x "$(printf '山%.0s' {1..200})" y z
refused seal-text-length 0 1 10 10 50 50 round 佐藤太郎印
refused seal-text-glyph 0 1 10 10 50 50 round 😀
echo "1..$n"
