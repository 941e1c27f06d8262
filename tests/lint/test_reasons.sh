#!/bin/sh
# Reason codes: each one that a person signing can meet has words in both languages, each one that an API
# client can meet is in docs/api.md, and docs/api.md names none that there is not.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
n=0
none() { # none NAME TEXT: nothing is left over
    n=$((n + 1))
    if [ -z "$2" ]; then echo "ok $n - $1"; else echo "$2" | sed 's/^/# /'; echo "not ok $n - $1"; fi
}
words=$(grep -ohE '^ +\{ "[a-z0-9-]+", "[a-z_]*"' cgi/features/signing/*_pages.c | cut -d'"' -f2)
# a word that ends in a hyphen speaks for all reasons that begin so
worded() { echo "$words" | awk -v r="$1" '$0 == r || ($0 ~ /-$/ && index(r, $0) == 1) { found = 1 } END { exit !found }'; }
raised() { grep -ohE 'FAIL\(E_[A-Z]+,[[:space:]]*"[a-z0-9-]+"' "$@" | cut -d'"' -f2 | sort -u; }

# what the PDF signer may answer (its README is the list), but what only a wrong installation causes
inside='field-name-malformed|key-unsupported|certificate-malformed|compose-too-long|seal-kind|seal-page'
none "each refusal of the PDF signer has words" "$(sed -n '/^Reasons are stable codes/,/`\. The/p' cgi/sign/README.md |
    sed 's/`\. The.*//' | grep -oE '[a-z]+(-[a-z]+)+' | grep -vxE "tsa-.*|$inside" | sort -u |
    while read -r r; do worded "$r" || echo "$r"; done)"

# the signing slice: words, or an entry in docs/api.md; the rest is 404 or a race of two windows (which have words) or ours
inside='fetch-budget|system-state|system-unknown|certificate-unknown|document-damaged|document-unknown|credential-changed|credential-state|level-unknown|tsa-settings|extension-unknown|batch-credential|batch-options|render-no-page|renewal-unknown|seal-damaged|template-certify|template-unknown|upload-offset-missing'
none "each refusal of the signing slice has words or is documented" "$(raised cgi/features/signing/*.c | grep -vxE "$inside" |
    while read -r r; do
        worded "$r" && continue
        grep -qF -- "\`$r\`" docs/api.md || echo "$r"
    done)"

# the API's own: in docs/api.md; the rest stands in the log of notices, or in pages as 404
none "each refusal of the API is documented" "$(raised cgi/features/rs/*.c | grep -vxE 'document-unknown|system-unknown|webhook-held' |
    while read -r r; do grep -qF -- "\`$r\`" docs/api.md || worded "$r" || echo "$r"; done)"

all=$(raised cgi/*/*.c cgi/features/*/*.c cgi/main/*.c; grep -ohE '"[a-z]+(-[a-z0-9]+)+"' cgi/http/*.c cgi/features/signing/*.c cgi/features/authority/*.c cgi/sign/*.c | tr -d '"' | sort -u)
none "docs/api.md names no reason that there is not" "$(sed -n '/^## Errors/,$p' docs/api.md | grep -oE '`[a-z]+(-[a-z0-9]+)+`' | tr -d '`' |
    while read -r r; do echo "$all" | grep -qx -- "$r" || echo "$r"; done)"

# requirement ids of issues 2 and 4 stand in a README of the source and in a test
ids="$(seq -f 'P3-%02g' 6 16) $(seq -f 'P3-%02g' 23 29) $(seq -f 'P3-%02g' 45 48) $(seq -f 'P3-%02g' 60 66) P3-72 P3-87
    $(seq -f 'P3-%g' 100 102) P3-136 $(seq -f 'P3-%g' 140 148) P1-47 P1-48 P2-12
    P1-05 $(seq -f 'P1-%02g' 7 10) $(seq -f 'P1-%02g' 29 32) P1-49 P1-51 $(seq -f 'P3-%02g' 19 22) P3-31 P3-32 $(seq -f 'P3-%02g' 42 44) P2-14 P2-18 P2-26"
none "each requirement is in a README" "$(for i in $ids; do cat cgi/*/README.md cgi/features/*/README.md | grep -qw -- "$i" || echo "$i"; done)"
none "each requirement is in a test" "$(for i in $ids; do grep -rqw --include='*.c' --include='*.sh' --include='*.mjs' --exclude=test_reasons.sh -- "$i" tests || echo "$i"; done)"
echo "1..$n"
