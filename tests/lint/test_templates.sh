#!/bin/sh
# check-templates and check-messages pass on the tree and find each planted violation.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

report() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else sed 's/^/# /' "$work/out"; echo "not ok $n - $2"; fi
}
passes() { name=$1; shift; "$@" >"$work/out" 2>&1; report $? "$name"; }
tree() { # a small tree in order
    rm -rf "$work/t"
    mkdir -p "$work/t/cgi" "$work/t/templates/x" "$work/t/po/ja"
    echo '<p>{{#_}}Hello {{name}}{{/_}}</p>' >"$work/t/templates/x/x.html"
    echo '<body>{{>page}}</body>' >"$work/t/templates/layout.html"
    cat >"$work/t/cgi/x.c" <<'C'
static const struct view x_view = { "x/x.html", "Title", x_fields, 0 };
const struct view *const x_views[] = { &x_view, NULL };
static const struct msg m = MSG_INIT("Two "
                                     "parts"); /* MSG("in a comment") */
C
    cat >"$work/t/po/ja/x.po" <<'PO'
msgid ""
msgstr ""

msgid "Hello {{name}}"
msgstr "こんにちは、{{name}}さん"
msgid "Title"
msgstr "題名"
msgid "Two parts"
msgstr "二つの部分"
PO
}
catches() { # catches CHECKER NAME PATTERN, after the tree was spoiled
    if ! "$top/tools/$1" "$work/t" >"$work/out" 2>&1 && grep -q "$3" "$work/out"; then report 0 "$2"; else report 1 "$2"; fi
}
template() { # template NAME PATTERN HTML
    tree
    printf '%s\n' "$3" >>"$work/t/templates/x/x.html"
    catches check-templates "$1" "$2"
}

passes "the tree's templates are clean" "$top/tools/check-templates" "$top"
passes "the tree's catalogue is complete" "$top/tools/check-messages" "$top"
tree
passes "a small tree passes check-templates" "$top/tools/check-templates" "$work/t"
passes "a small tree passes check-messages" "$top/tools/check-messages" "$work/t"

template "a script with a body" "script" '<script>alert(1)</script>'
template "a style element" "style element" '<style>p{}</style>'
template "a style attribute" "style attribute" '<p class="a" style="color:red">x</p>'
template "an event handler" "event handler" '<p onclick="x()">x</p>'
template "an event handler behind a section" "event handler" '<p{{#a}} class="b"{{/a}} onclick="x()">x</p>'
template "an unquoted attribute" "unquoted" '<p class={{name}}>x</p>'
template "triple braces" "unescaped" '{{{name}}}'
template "an ampersand" "unescaped" '{{&name}}'
template "new delimiters" "delimiters" '{{=<% %>=}}'
template "a third party's address" "third-party" '<img src="https://cdn.example/x.png" alt="">'
template "a protocol-relative address" "third-party" '<img src="//cdn.example/x.png" alt="">'
template "a script address" "script address" '<a href="javascript:x()">x</a>'
template "a placeholder" "placeholder" '<input placeholder="x">'
template "a template of over 120 lines" "budget" "$(yes '<br>' | head -130)"

tree; echo '<p>x</p>' >"$work/t/templates/x/orphan.html"
catches check-templates "a template that nothing shows" "orphan.html: no view"
tree; rm "$work/t/templates/x/x.html"
catches check-templates "a view without its template" "no such template"
tree; sed -i '/x_views/d' "$work/t/cgi/x.c"
catches check-templates "a view in no list" "in no ..._views"

tree; echo '<p>{{#_}}New words{{/_}}</p>' >>"$work/t/templates/x/x.html"
catches check-messages "words of a template without Japanese" "x.html:2: no Japanese: New words"
tree; echo 'f(MSG("New in C"));' >>"$work/t/cgi/x.c"
catches check-messages "words of C without Japanese" "no Japanese: New in C"
tree; echo 'f(MSG_CONTEXT("state", "Open"));' >>"$work/t/cgi/x.c"
catches check-messages "words with a context" "no Japanese: state|Open"
tree; sed -i '/Title/,$d' "$work/t/po/ja/x.po"
catches check-messages "a title without Japanese" "no Japanese: Title"
tree; printf 'msgid "Old"\nmsgstr "旧"\n' >>"$work/t/po/ja/x.po"
catches check-messages "an entry that nothing uses" "not used: Old"
tree; sed -i 's/題名//' "$work/t/po/ja/x.po"
catches check-messages "an empty translation" "not translated: Title"
tree; sed -i 's/^msgid "Title"/#, fuzzy\n&/' "$work/t/po/ja/x.po"
catches check-messages "a fuzzy translation" "not translated: Title"
tree; sed -i 's/、{{name}}/、{{nam}}/' "$work/t/po/ja/x.po"
catches check-messages "a value lost in translation" "differ"
tree; printf 'msgid "Title"\nmsgstr "別名"\n' >"$work/t/po/ja/y.po"
catches check-messages "two translations of one text" "translated otherwise"
tree; printf 'nonsense\n' >>"$work/t/po/ja/x.po"
catches check-messages "a line that is none" "not understood"
echo "1..$n"
