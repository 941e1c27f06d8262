"""Reads sql/queries/*.sql: named statements with typed parameters and results (docs/queries.md).

Shared by tools/sqlgen (which generates C) and tools/check-sql (which judges).
"""
import re

PROGRAMS = ["portal", "signapi", "acme", "repository", "worker", "gateway", "ctl", "signer"]
NUMBERS = {"u32": "uint32_t", "u64": "uint64_t", "i64": "int64_t", "bool": "bool"}
HEADERS = {"name", "does", "role", "in", "row", "rows", "out", "audit", "tenant"}
C_WORDS = set("""auto break case char const continue default do double else enum extern float for goto
if inline int long register restrict return short signed sizeof static struct switch typedef union
unsigned void volatile while bool true false tx in out_row out_rows out_n out_changed""".split())


class Problem(Exception):
    """Something wrong in a query file, with its place."""


class Field:
    """One parameter or column: its name, type, size and whether NULL is a value."""

    def __init__(self, name, kind, size, nullable):
        self.name, self.kind, self.size, self.nullable = name, kind, size, nullable

    @property
    def is_id(self):
        return self.kind.endswith("_id")


class Statement:
    """One named statement of a slice."""

    def __init__(self, path, line):
        self.path, self.line = path, line
        self.heads = {}
        self.body = []
        self.params, self.columns, self.order = [], [], []
        self.result = "exec"      # exec, row or rows
        self.changed = False
        self.id_field = None
        self.sql = ""             # with ? for the parameters
        self.grants = set()       # (table, verb)

    def problem(self, text):
        name = self.heads.get("name", "?")
        return Problem(f"{self.path}:{self.line}: {name}: {text}")

    @property
    def name(self):
        return self.heads["name"]

    @property
    def verb(self):
        return self.tokens[0][1].upper()

    @property
    def locks(self):
        """Takes row locks that must live until the commit."""
        return bool(re.search(r"\bFOR\s+UPDATE\b|\bLOCK\s+IN\s+SHARE\s+MODE\b", self.sql, re.I))

    @property
    def writes(self):
        return any(verb != "SELECT" for _, verb in self.grants)


TOKEN = re.compile(
    r"(?P<string>'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\"\"|\\.)*\")"
    r"|(?P<quoted>`[^`]+`)"
    r"|(?P<param>:[a-z_][a-z0-9_]*)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_$]*)"
    r"|(?P<number>0[xX][0-9A-Fa-f]+|[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<assign>:=)"
    r"|(?P<space>\s+)"
    r"|(?P<mark>.)", re.S)


def tokenize(text):
    return [(m.lastgroup, m.group()) for m in TOKEN.finditer(text)]


def split_list(text):
    """Split at the commas that are outside parentheses."""
    parts, depth, part = [], 0, ""
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += c
    return [p.strip() for p in parts + [part] if p.strip()]


def parse_field(st, text, kinds):
    m = re.fullmatch(r"([a-z][a-z0-9_]*)\s+([a-z][a-z0-9_]*)(?:\((\d+)\))?(\?)?", text)
    if not m:
        raise st.problem(f"not a field: '{text}' (want: name type)")
    name, kind, size, nullable = m.group(1), m.group(2), m.group(3), bool(m.group(4))
    if name in C_WORDS:
        raise st.problem(f"'{name}' cannot be a name in C")
    if kind in ("text", "bytes"):
        if not size or int(size) == 0:
            raise st.problem(f"{name}: {kind} needs a size, {kind}(N)")
    elif size:
        raise st.problem(f"{name}: {kind} takes no size")
    elif kind in NUMBERS or kind == "bytes32":
        if nullable:
            raise st.problem(f"{name}: {kind} cannot be nullable; use COALESCE, or bytes(32)?")
    elif kind != "time" and not (kind.endswith("_id") and kind[:-3] in kinds):
        raise st.problem(f"{name}: no type '{kind}'")
    return Field(name, kind, int(size or 0), nullable)


def parse_heads(st, kinds):
    h = st.heads
    for need in ("name", "does", "role"):
        if not h.get(need):
            raise st.problem(f"no '-- {need}:' line")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", h["name"]):
        raise st.problem("the name must be [a-z0-9_]")
    st.roles = h["role"].split()
    for role in st.roles:
        if role not in PROGRAMS:
            raise st.problem(f"no program '{role}' (there are: {' '.join(PROGRAMS)})")
    st.params = [parse_field(st, f, kinds) for f in split_list(h.get("in", ""))]
    results = [k for k in ("row", "rows", "out") if k in h]
    if len(results) > 1:
        raise st.problem("only one of row, rows, out")
    if results and results[0] in ("row", "rows"):
        st.result = results[0]
        st.columns = [parse_field(st, f, kinds) for f in split_list(h[st.result])]
    for item in split_list(h.get("out", "")):
        if item == "changed":
            st.changed = True
        else:
            st.id_field = parse_field(st, item, kinds)
            if not st.id_field.is_id:
                raise st.problem("out: is 'changed' or an id")
    for fields in (st.params, st.columns):
        names = [f.name for f in fields]
        for name in names:
            if names.count(name) > 1:
                raise st.problem(f"'{name}' twice")


def parse_body(st):
    text = "\n".join(st.body).strip().rstrip(";").strip()
    if not text:
        raise st.problem("no SQL")
    st.tokens = [t for t in tokenize(text) if t[0] != "space"]
    by_name = {f.name: f for f in st.params}
    out = []
    for kind, tok in tokenize(text):
        if kind == "mark" and tok in ";?#@":
            raise st.problem(f"'{tok}' is not allowed in the SQL")
        if kind == "param":
            if tok[1:] not in by_name:
                raise st.problem(f"{tok} is not declared in '-- in:'")
            st.order.append(by_name[tok[1:]])
            tok = "?"
        out.append(" " if kind == "space" else tok)
    st.sql = "".join(out)
    for f in st.params:
        if f not in st.order:
            raise st.problem(f":{f.name} is declared but not used")
    find_grants(st)


def find_grants(st):
    """Which tables the statement touches, and with what right."""
    t = [(k, v.strip("`") if k in ("word", "quoted") else v, v.upper()) for k, v in st.tokens]
    words = [u if k == "word" else "" for k, _, u in t]
    if words[0] not in ("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"):
        raise st.problem(f"a statement cannot begin with '{t[0][1]}'")
    ctes = {t[i][1] for i in range(len(t) - 2)
            if words[i + 1] == "AS" and t[i + 2][1] == "(" and "WITH" in words[:i]
            and words[i - 1] in ("WITH", "RECURSIVE", "")}

    def table(i, verbs):
        if i < len(t) and t[i][1] == "(":
            return                              # a subquery: found by its own FROM
        if i >= len(t) or t[i][0] not in ("word", "quoted"):
            raise st.problem("cannot read the table name")
        if i + 1 < len(t) and t[i + 1][1] == ".":
            raise st.problem("a table name cannot carry a database name")
        if t[i][1] not in ctes:
            st.grants.update((t[i][1], v) for v in verbs)

    for i, word in enumerate(words):
        before = words[i - 1] if i else ""
        if word in ("FROM", "JOIN"):
            table(i + 1, ["DELETE", "SELECT"] if before == "DELETE" else ["SELECT"])
        elif word == "INTO":
            verbs = ["INSERT"]
            if "RETURNING" in words:
                verbs.append("SELECT")
            if "DUPLICATE" in words:
                verbs += ["UPDATE", "SELECT"]
            if words[0] == "REPLACE":
                verbs.append("DELETE")
            table(i + 1, verbs)
        elif word == "UPDATE" and i == 0:
            table(1, ["UPDATE", "SELECT"])
    if not st.grants and words[0] != "SELECT":
        raise st.problem("no table found")


def read_statements(path, kinds):
    """All statements of one file, in order. Raises Problem."""
    out, st, last = [], None, None
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip()
            m = re.match(r"--\s?([a-z]+):\s*(.*)", line)
            if m and m.group(1) in HEADERS:
                key, value = m.groups()
                if key == "name":
                    st = Statement(path, number)
                    out.append(st)
                if st is None or (st.body and key != "name"):
                    raise Problem(f"{path}:{number}: '-- {key}:' outside a statement's head")
                if key == "in" and key in st.heads:
                    value = st.heads[key] + ", " + value
                elif key in st.heads:
                    raise st.problem(f"'-- {key}:' twice")
                st.heads[key], last = value, key
            elif line.startswith("--"):
                if st and not st.body and last and re.match(r"--\s{3,}\S", line):
                    st.heads[last] += " " + line[2:].strip()
                elif m and st and not st.body:
                    raise st.problem(f"no such head: '{m.group(1)}'")
            elif line:
                if st is None:
                    raise Problem(f"{path}:{number}: SQL before the first '-- name:'")
                st.body.append(line)
    for st in out:
        parse_heads(st, kinds)
        parse_body(st)
    return out


def id_kinds(path):
    """The kinds of ids that cgi/base/ids.h declares."""
    with open(path, encoding="utf-8") as f:
        return set(re.findall(r"X\(([a-z_]+)\)", f.read()))
