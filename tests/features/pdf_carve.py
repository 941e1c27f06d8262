#!/usr/bin/env python3
"""pdf_carve.py FILE DIR - cut the signatures out of a PDF for foreign judges: for the n-th of them,
DIR/n.cms (the DER of /Contents) and DIR/n.covered (the bytes that it covers). Prints one line each:
n, SubFilter, and whether the rest of the file is covered."""
import re
import sys

data = open(sys.argv[1], "rb").read()
n = 0
for match in re.finditer(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data):
    gap, resume, length = map(int, match.groups())
    raw = bytes.fromhex(data[gap + 1:resume - 1].decode("ascii"))
    size, head = raw[1], 2
    if size & 0x80:
        head = 2 + (size & 0x7f)
        size = int.from_bytes(raw[2:head], "big")
    around = data[data.rfind(b" obj", 0, match.start()):data.find(b"endobj", resume)]
    kind = re.search(rb"/SubFilter\s*/([A-Za-z0-9.]+)", around)
    n += 1
    with open(f"{sys.argv[2]}/{n}.cms", "wb") as f:
        f.write(raw[:head + size])
    with open(f"{sys.argv[2]}/{n}.covered", "wb") as f:
        f.write(data[:gap] + data[resume:resume + length])
    print(n, kind.group(1).decode() if kind else "?", "whole" if resume + length == len(data) else "part")
