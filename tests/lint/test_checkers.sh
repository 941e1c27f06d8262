#!/bin/sh
# Each project checker passes on the tree and fails on a planted violation of each of its rules.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${SHOMEI_BUILDDIR:-$top/build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

report() { # report STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}
passes() { name=$1; shift; "$@" >"$work/out" 2>&1; s=$?; [ "$s" = 0 ] || sed 's/^/# /' "$work/out"; report "$s" "$name"; }
catches() { # catches NAME PATTERN COMMAND...
    name=$1 pattern=$2; shift 2
    if ! "$@" >"$work/out" 2>&1 && grep -q "$pattern" "$work/out"; then report 0 "$name"; else
        sed 's/^/# /' "$work/out"; report 1 "$name"; fi
}
plant() { # plant FILE TEXT: a small tree with one bad file
    rm -rf "$work/t"
    mkdir -p "$work/t/cgi/base" "$work/t/tests" "$work/t/$(dirname "$1")"
    echo '#include "base/err.h"' >"$work/t/cgi/base/good.c"
    printf '%b' "$2" >"$work/t/$1"
}

passes "the tree keeps the include rules" "$top/tools/check-deps" "$top"
plant cgi/http/bad.c '#include <mysql.h>\n'
catches "http may not see the database" "may not include <mysql.h>" "$top/tools/check-deps" "$work/t"
plant cgi/sign/bad.c '#include <poppler.h>\n'
catches "poppler is the renderer's alone" "sign may not include <poppler.h>" "$top/tools/check-deps" "$work/t"
plant cgi/pki/bad.c '#include "store/db.h"\n'
catches "pki does no I/O" "pki may not include store/db.h" "$top/tools/check-deps" "$work/t"
plant cgi/features/x/x_pages.c '#include "sign/hsm.h"\n'
catches "pages never reach the keys" "pages may not include sign/hsm.h" "$top/tools/check-deps" "$work/t"
plant cgi/features/x/x.c '#include "features/y/y_store.h"\n'
catches "another slice's private header" "is private to y" "$top/tools/check-deps" "$work/t"
plant cgi/features/x/x.c '#include "store/gen/y.q.h"\n'
catches "another slice's queries" "belong to that slice" "$top/tools/check-deps" "$work/t"
plant cgi/features/x/x.c '#include "features/y/y.h"\n'
mkdir -p "$work/t/cgi/features/y"; echo '#include "features/x/x.h"' >"$work/t/cgi/features/y/y.c"
catches "slices in a circle" "in a circle" "$top/tools/check-deps" "$work/t"

passes "the tree keeps its size budgets" "$top/tools/check-size" "$top"
plant cgi/base/long.c "int f(void)\n{\n$(yes '    ;' | head -90 | tr '\n' '~' | sed 's/~/\\n/g')    return 0;\n}\n"
catches "a function of over 80 lines" "f() has" "$top/tools/check-size" "$work/t"
plant templates/x.html "$(yes '<p>' | head -130 | tr '\n' '~' | sed 's/~/\\n/g')"
catches "a template of over 120 lines" "templates/x.html" "$top/tools/check-size" "$work/t"

passes "the tree is formatted" "$top/tools/check-format" "$top"
plant cgi/base/bad.c 'int  f( void ) { return 0; }\n'
cp "$top/.clang-format" "$work/t/"
catches "an unformatted file" "clang-format-violations" "$top/tools/check-format" "$work/t"

passes "nothing unfinished is left" "$top/tools/check-words" "$top"
plant cgi/sign/bad.c '#include "base/err.h"\nenum err f(void)\n{\n    TRY(g());\n}\n'
catches "a hidden return in sign/" "no hidden return" "$top/tools/check-words" "$work/t"
plant cgi/base/bad.c "#include \"base/err.h\"\n/* TO""DO later */\n"
catches "unfinished work" "later" "$top/tools/check-words" "$work/t"

if ls "$build"/*.a >/dev/null 2>&1; then
    passes "exported names begin with their file's stem" "$top/tools/check-symbols" "$build" "$top"
    mkdir -p "$work/b"
    echo 'int stray_name(void); int stray_name(void) { return 0; }' >"$work/arena.c"
    ${CC:-gcc} -c "$work/arena.c" -o "$work/libbase_a-arena.o" && ar rc "$work/b/libbase.a" "$work/libbase_a-arena.o"
    catches "a stray exported name" "exports stray_name" "$top/tools/check-symbols" "$work/b" "$top"
    echo 'int authority_sign(void); int authority_sign(void) { return 0; } int main(void) { return authority_sign(); }' >"$work/portal.c"
    ${CC:-gcc} "$work/portal.c" -o "$work/b/portal.fcgi"
    catches "issuing code in the portal" "portal.fcgi: must not contain authority_sign" "$top/tools/check-symbols" "$work/b" "$top"
    mv "$work/b/portal.fcgi" "$work/b/worker"
    catches "a rule that looks for a name that is no more" "worker: nothing matches ^x509_build" "$top/tools/check-symbols" "$work/b" "$top"
else
    n=$((n + 1)); echo "not ok $n - no build to look at: $build"
fi
echo "1..$n"
