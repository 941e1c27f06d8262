#!/usr/bin/env python3
"""openapi.py DOCUMENT routes PROGRAM | answer METHOD PATH STATUS TYPE FILE | shape

`routes`: the document against the program, in both directions: every route, every parameter with its
kind, whether it must be there, whether it may be repeated, its limits and words. `answer`: one real
answer against its schema. `shape`: the document itself: references, unused schemas. Says what is
wrong on standard output and exits 1.
"""
import json
import re
import subprocess
import sys

import jsonschema

problems = []


def program_forms(program):
    """{(METHOD, path): {name: (kind, required, many, low, high, words)}}"""
    forms = {}
    out = subprocess.run([program, "--forms"], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        f = line.split("\t")
        params = forms.setdefault((f[0], f[1]), {})
        if len(f) > 2:
            params[f[2]] = (f[3], f[4] == "required", f[5] == "many", int(f[6]), int(f[7]),
                            f[8].split(",") if f[8] else [])
    return forms


def document_forms(doc):
    """{(METHOD, path): {name: (schema, required)}}"""
    forms = {}
    for path, methods in doc["paths"].items():
        for method, o in methods.items():
            params = {}
            for p in o.get("parameters", []):
                p = resolve(doc, p)
                if p["in"] != "header":
                    params[p["name"]] = (p["schema"], p.get("required", False))
            for media in o.get("requestBody", {}).get("content", {}).values():
                s = media["schema"]
                for name, schema in s["properties"].items():
                    params[name] = (schema, name in s.get("required", []))
            forms[(method.upper(), path)] = params
    return forms


def resolve(doc, node):
    while "$ref" in node:
        at = doc
        for part in node["$ref"][2:].split("/"):
            at = at[part]
        node = at
    return node


def differ(where, what, program, document):
    if program != document:
        problems.append(f"{where}: {what}: the program says {program!r}, the document {document!r}")


def compare(where, param, schema, required):
    kind, must, many, low, high, words = param
    differ(where, "required", must, required)
    differ(where, "repeated", many, schema.get("type") == "array")
    if many:
        schema = schema["items"]
    if kind in ("text", "token", "secret"):
        differ(where, "type", "string", schema.get("type"))
        differ(where, "longest", high, schema.get("maxLength"))
        differ(where, "shortest", low, schema.get("minLength", 0))
        differ(where, "token", kind == "token", schema.get("pattern") == "^[A-Za-z0-9._~-]*$")
        differ(where, "secret", kind == "secret", schema.get("writeOnly", False))
    elif kind == "int":
        differ(where, "type", "integer", schema.get("type"))
        differ(where, "limits", (low, high), (schema.get("minimum"), schema.get("maximum")))
    elif kind == "choice":
        differ(where, "words", words, schema.get("enum"))
    elif kind == "flag":
        differ(where, "flag", True, set(schema.get("enum", [])) >= {"1", "0"})
    elif kind == "date":
        differ(where, "format", "date", schema.get("format"))
    elif kind == "id":
        differ(where, "type", ("integer", 1), (schema.get("type"), schema.get("minimum")))
    elif kind == "file":
        differ(where, "file", True, "contentMediaType" in schema)
    else:
        problems.append(f"{where}: kind {kind} is not known to this test")


def routes(doc, program):
    ours, theirs = program_forms(program), document_forms(doc)
    for key in sorted(ours.keys() - theirs.keys()):
        problems.append(f"{key[0]} {key[1]}: not in the document")
    for key in sorted(theirs.keys() - ours.keys()):
        problems.append(f"{key[0]} {key[1]}: not in the program")
    for key in sorted(ours.keys() & theirs.keys()):
        for name in sorted(ours[key].keys() | theirs[key].keys()):
            where = f"{key[0]} {key[1]} {name}"
            if name not in theirs[key]:
                problems.append(f"{where}: not in the document")
            elif name not in ours[key]:
                problems.append(f"{where}: not in the program")
            else:
                compare(where, ours[key][name], *theirs[key][name])


def answer(doc, method, path, status, media, name):
    """The path as it was asked; found by its shape."""
    for pattern, methods in doc["paths"].items():
        if method.lower() in methods and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
            responses = methods[method.lower()]["responses"]
            break
    else:
        return problems.append(f"{method} {path}: not in the document")
    found = responses.get(status)
    if found is None and int(status) >= 400:
        found = responses.get("default")
    if found is None:
        return problems.append(f"{method} {path}: {status} is not documented")
    content = resolve(doc, found).get("content", {})
    if not content and open(name, "rb").read() == b"":
        return None
    media = media.split(";")[0]
    if media not in content:
        return problems.append(f"{method} {path} {status}: {media} is not documented")
    if not media.endswith("json"):
        return None
    schema = dict(resolve(doc, content[media]["schema"]), components=doc["components"])
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    with open(name, encoding="utf-8") as f:
        for e in checker.iter_errors(json.load(f)):
            problems.append(f"{method} {path} {status}: {'/'.join(map(str, e.path))}: {e.message}")
    return None


def shape(doc):
    text = json.dumps(doc)
    for ref in set(re.findall(r'"\$ref": "([^"]+)"', text)):
        try:
            resolve(doc, {"$ref": ref})
        except KeyError:
            problems.append(f"{ref} leads nowhere")
    for name, schema in doc["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        if f'"#/components/schemas/{name}"' not in text:
            problems.append(f"schema {name} is not used")
    ids = re.findall(r'"operationId": "(\w+)"', text)
    if len(ids) != len(set(ids)):
        problems.append("an operationId stands twice")
    if not doc["openapi"].startswith("3.1."):
        problems.append("not OpenAPI 3.1")


with open(sys.argv[1], encoding="utf-8") as source:
    document = json.load(source)
{"routes": routes, "answer": answer, "shape": shape}[sys.argv[2]](document, *sys.argv[3:])
if problems:
    print("\n".join(problems))
sys.exit(1 if problems else 0)
