#!/usr/bin/env python3
"""cut_cms.py PDF CMS CONTENT - the first signature's CMS (DER) and the bytes that it covers."""
import re
import sys


def main():
    data = open(sys.argv[1], "rb").read()
    a, b, c, d = (int(n) for n in re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", data).groups())
    raw = bytes.fromhex(data[a + b + 1:c - 1].decode())
    length = 4 + int.from_bytes(raw[2:4], "big") if raw[1] == 0x82 else 2 + raw[1]
    open(sys.argv[2], "wb").write(raw[:length])
    open(sys.argv[3], "wb").write(data[a:a + b] + data[c:c + d])


main()
