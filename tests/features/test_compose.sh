#!/bin/bash
# Composed reports judged by qpdf, pdffonts, pdftotext, pdfinfo and mutool.
here=$(cd "$(dirname "$0")" && pwd)
build=${SHOMEI_BUILDDIR:-$here/../..}
tool=$build/tests/features/compose_tool
for need in pdftotext pdffonts pdfinfo mutool qpdf; do
    command -v "$need" >/dev/null || { echo "1..0 # SKIP $need is not installed"; exit 0; }
done
[ -r /usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf ] || { echo "1..0 # SKIP the fonts are not installed"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
n=0
result() { # status, words, detail
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; echo "# $3"; fi
}
has() { case $text in *"$1"*) result 0 "$2" ;; *) result 1 "$2" "$text" ;; esac; }

$tool ja ja.pdf 120
result $? "a report of seven pages"
$tool ja again.pdf 120 && cmp -s ja.pdf again.pdf
result $? "the same input makes the same bytes"
out=$(qpdf --check ja.pdf 2>&1)
result $? "qpdf finds nothing wrong" "$out"
out=$(mutool show ja.pdf trailer 2>&1 | grep -i 'error\|warning')
[ -z "$out" ]
result $? "mupdf neither" "$out"
out=$(pdffonts ja.pdf)
[ "$(echo "$out" | grep -c 'yes yes yes')" = 1 ] && [ "$(echo "$out" | wc -l)" = 3 ]
result $? "one font, embedded, a subset, with Unicode values" "$out"
text=$(pdftotext -layout ja.pdf -)
has '電子署名 検証報告書' "the title is on it"
has '業務委託契約書(2026年度・改訂第3版).pdf' "values are text"
has '1 / 7 ページ' "pages are numbered in Japanese"
has '受付番号 V-2026-000123 <&>' "and have their footer"
[ "$(echo "$text" | grep -c '番号 .*ファイル .*判定')" = 7 ]
result $? "the head of a table is on each of its pages" "$(echo "$text" | grep -c '番号 .*ファイル')"
out=$(pdftotext ja.pdf - | grep -n '^[、。」)ーっゃゅょ]')
[ -z "$out" ]
result $? "no line begins with what may not begin one" "$out"
out=$(pdftotext ja.pdf - | grep -n '[「(]$')
[ -z "$out" ]
result $? "and none ends with an opening bracket" "$out"
text=$(pdfinfo ja.pdf)
has '電子署名 検証報告書' "the title is a property of the file"
has 'Tagged:          yes' "the file is tagged"
has 'CreationDate:    Fri Nov 20 05:05:09 2026 UTC' "with the time that was given"
text=$(pdfinfo -struct ja.pdf 2>&1)
for t in H1 H2 H3 Table TR TH TD L LI LBody P; do
    echo "$text" | grep -q "^ *$t\b"
    result $? "structure: $t" "$(echo "$text" | head -20)"
done
has 'Scope' "cells of a head say so"
$tool en en.pdf
text=$(pdftotext -layout en.pdf -)
has 'Page 1 of 1' "pages are numbered in English"
out=$(qpdf --qdf --object-streams=disable en.pdf - | grep -a -c '/Lang (en)')
[ "$out" = 1 ]
result $? "the language is said" "$out"
$tool ja long.pdf 5000
result $? "5000 rows"
out=$(qpdf --check long.pdf 2>&1 && pdfinfo long.pdf | grep Pages)
result $? "qpdf finds nothing wrong with them" "$out"
out=$($tool ja huge.pdf 60000 2>&1)
case $out in 'compose-too-long ('*) s=0 ;; *) s=1 ;; esac
result $s "more than 2000 pages are refused" "$out"
echo "1..$n"
