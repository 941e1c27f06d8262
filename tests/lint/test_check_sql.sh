#!/bin/sh
# tools/check-sql and tools/sqlgen pass on the tree, and fail on a planted violation of each rule.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

report() { # report STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; sed 's/^/# /' "$work/out"; fi
}
tree() { # a small tree that keeps every rule
    rm -rf "$work/t"
    mkdir -p "$work/t/sql/queries" "$work/t/sql/schema" "$work/t/cgi/base" "$work/t/cgi/features/x" "$work/t/cgi/store"
    cp "$top/cgi/base/ids.h" "$work/t/cgi/base/"
    echo "SQL = sql/queries/x.sql sql/schema/0001_x.sql" >"$work/t/cgi/features/x/local.am"
    cat >"$work/t/sql/schema/0001_x.sql" <<'S'
CREATE TABLE thing (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    tenant_id BIGINT UNSIGNED NOT NULL,
    made DATETIME(6) NOT NULL,
    PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE log (
    line VARCHAR(20) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='append only';
S
    statement 'portal' 'tenant tenant_id' 'rows: id document_id' \
        'SELECT id FROM thing WHERE tenant_id = :tenant LIMIT 10'
}
statement() { # statement ROLES IN RESULT SQL [HEAD]
    printf -- '-- name: x_one\n-- does: one\n-- role: %s\n-- in: %s\n-- %s\n' "$1" "$2" "$3" >"$work/t/sql/queries/x.sql"
    [ -z "${5:-}" ] || printf -- '-- %s\n' "$5" >>"$work/t/sql/queries/x.sql"
    printf '%s\n' "$4" >>"$work/t/sql/queries/x.sql"
}
passes() { "$top/tools/check-sql" "$work/t" >"$work/out" 2>&1; report $? "$1"; }
catches() { # catches NAME PATTERN
    if "$top/tools/check-sql" "$work/t" >"$work/out" 2>&1; then s=1; else grep -qe "$2" "$work/out"; s=$?; fi
    report $s "$1"
}
catches_statement() { # catches_statement NAME PATTERN ROLES IN RESULT SQL [HEAD]
    name=$1 pattern=$2; shift 2
    tree; statement "$@"; catches "$name" "$pattern"
}

"$top/tools/check-sql" "$top" >"$work/out" 2>&1; report $? "the tree keeps the SQL rules"
tree; passes "a small tree that keeps them passes"

t='tenant tenant_id' all='SELECT id FROM thing WHERE tenant_id = :tenant'
catches_statement "a statement without role" "no '-- role:' line" '' "$t" 'rows: id document_id' "$all LIMIT 1"
catches_statement "an unknown program" "no program 'everybody'" everybody "$t" 'rows: id document_id' "$all LIMIT 1"
catches_statement "an unknown type" "no type 'int'" portal 'tenant int' 'rows: id document_id' "$all LIMIT 1"
catches_statement "an undeclared parameter" "not declared" portal 'x u32' 'rows: id document_id' "$all LIMIT :x"
catches_statement "an unused parameter" "declared but not used" portal "$t, x u32" 'rows: id document_id' "$all LIMIT 1"
catches_statement "a nullable number" "cannot be nullable" portal "$t" 'rows: id u32?' "$all LIMIT 1"
catches_statement "text without a size" "needs a size" portal "$t" 'rows: id text' "$all LIMIT 1"
catches_statement "SELECT *" "name the columns" portal "$t" 'rows: id document_id' 'SELECT * FROM thing WHERE tenant_id = :tenant LIMIT 1'
catches_statement "t.*" "name the columns" portal "$t" 'rows: id document_id' 'SELECT t.* FROM thing AS t WHERE tenant_id = :tenant LIMIT 1'
catches_statement "rows without LIMIT" "rows without LIMIT" portal "$t" 'rows: id document_id' "$all"
catches_statement "UPDATE without WHERE" "UPDATE without WHERE" worker 'x time' 'out: changed' 'UPDATE thing SET made = :x'
catches_statement "DELETE without WHERE" "DELETE without WHERE" worker '' 'out: changed' 'DELETE FROM thing'
catches_statement "INSERT without columns" "must name its columns" worker "$t" 'out: changed' 'INSERT INTO thing VALUES (1, :tenant, 2)'
catches_statement "INSERT IGNORE" "hides errors" worker "$t" 'out: changed' 'INSERT IGNORE INTO thing (tenant_id) VALUES (:tenant)'
catches_statement "a table that is not there" "no table nothing" worker '' 'row: n u64' 'SELECT COUNT(id) FROM nothing'
catches_statement "a comma join" "write joins as JOIN" worker '' 'rows: id document_id' 'SELECT id FROM thing, log LIMIT 1'
catches_statement "SKIP LOCKED" "other nodes" worker '' 'rows: id document_id' 'SELECT id FROM thing LIMIT 1 FOR UPDATE SKIP LOCKED'
catches_statement "UPDATE of an append-only table" "append only" portal 'x text(20)' 'out: changed' "UPDATE log SET line = :x WHERE line = 'a'"
catches_statement "DELETE from an append-only table" "append only" portal 'x text(20)' 'out: changed' 'DELETE FROM log WHERE line = :x'
catches_statement "an upsert into an append-only table" "append only" portal 'x text(20)' 'out: changed' \
    'INSERT INTO log (line) VALUES (:x) ON DUPLICATE KEY UPDATE line = :x'
catches_statement "a tenant's rows without the tenant" "tenant-scoped" portal 'id document_id' 'row: made time' 'SELECT made FROM thing WHERE id = :id'
catches_statement "an exemption without a reason" "and the reason" portal "$t" 'out: changed' 'DELETE FROM thing WHERE tenant_id = :tenant' 'audit: exempt'
catches_statement "two statements in one" "not allowed" portal "$t" 'rows: id document_id' "$all LIMIT 1; DROP TABLE thing"

tree; statement worker 'id document_id' 'row: made time' 'SELECT made FROM thing WHERE id = :id'; passes "the worker sees all tenants"
tree; statement portal 'id document_id' 'row: made time' 'SELECT made FROM thing WHERE id = :id' 'tenant: all a test'; passes "a reason lets a front program, too"
tree; cat "$work/t/sql/queries/x.sql" >>"$work/t/sql/queries/y.sql"; catches "a query file that is not built" "in no local.am"
tree; sed -i 's/) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;/) ENGINE=Aria DEFAULT CHARSET=latin1;/' "$work/t/sql/schema/0001_x.sql"; catches "another engine" "not ENGINE=InnoDB"; catches "another character set" "not CHARSET=utf8mb4"
tree; sed -i 's/DATETIME(6)/DATETIME/' "$work/t/sql/schema/0001_x.sql"; catches "a time without microseconds" "times are DATETIME(6)"
tree; sed -i 's/DATETIME(6)/TIMESTAMP/' "$work/t/sql/schema/0001_x.sql"; catches "TIMESTAMP, which ends in 2038" "times are DATETIME(6)"
tree; cp "$work/t/sql/schema/0001_x.sql" "$work/t/sql/schema/0001_y.sql"; catches "a migration number used twice" "is also"
tree; printf 'const char *f(void)\n{\n    return "SELECT id "\n           "FROM thing";\n}\n' >"$work/t/cgi/features/x/x.c"; catches "SQL in C" "SQL in C"
tree; printf 'void f(void)\n{\n    snprintf(b, n, "DELETE FROM thing WHERE id = %%d", i);\n}\n' >"$work/t/cgi/store/x.c"; catches "SQL built at run time" "SQL in C"
tree; printf 'void f(void)\n{\n    mysql_query(c, q);\n}\n' >"$work/t/cgi/store/x.c"; catches "a text query" "only prepared statements"
tree; printf 'void f(void)\n{\n    mysql_stmt_execute(s);\n}\n' >"$work/t/cgi/features/x/x.c"; catches "the database library in a slice" "outside store/"

tree; cp "$work/t/sql/queries/x.sql" "$work/t/sql/queries/y.sql"
if "$top/tools/sqlgen" --ids "$work/t/cgi/base/ids.h" --out "$work/gen" "$work/t/sql/queries/x.sql" "$work/t/sql/queries/y.sql" >"$work/out" 2>&1
then report 1 "one name in two slices"; else grep -q "also in" "$work/out"; report $? "one name in two slices"; fi
rm "$work/t/sql/queries/y.sql"
"$top/tools/sqlgen" --ids "$work/t/cgi/base/ids.h" --out "$work/gen" "$work/t/sql/queries/x.sql" >"$work/out" 2>&1 &&
    [ "$(cat "$work/gen/grants.txt")" = "portal	thing	SELECT" ]; report $? "a role line gives exactly the rights that its statement needs"
statement 'portal' 'tenant tenant_id' 'out: changed' 'DELETE FROM thing WHERE tenant_id = :tenant AND id IN (SELECT line FROM log)'
"$top/tools/sqlgen" --ids "$work/t/cgi/base/ids.h" --out "$work/gen" "$work/t/sql/queries/x.sql" >"$work/out" 2>&1 &&
    [ "$(tr '\n\t' '; ' <"$work/gen/grants.txt")" = "portal log SELECT;portal thing DELETE,SELECT;" ]; report $? "also in a subquery"
before=$(stat -c %Y "$work/gen/x.q.h"); sleep 1.1
"$top/tools/sqlgen" --ids "$work/t/cgi/base/ids.h" --out "$work/gen" "$work/t/sql/queries/x.sql" >"$work/out" 2>&1
[ "$before" = "$(stat -c %Y "$work/gen/x.q.h")" ]; report $? "what did not change is not written again"
echo "1..$n"
