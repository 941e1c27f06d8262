#!/usr/bin/env python3
"""large_pdf.py BYTES OUT - a sound one-page PDF of about that size; what makes it large is one
stream of zeros, which costs no disk where files may have holes."""
import sys

size, out = int(sys.argv[1]), sys.argv[2]
content = b"BT /F1 24 Tf 72 700 Td (Large document) Tj ET\n"
offsets = []
with open(out, "wb") as f:
    f.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def put(number, head, hole=0, tail=b""):
        offsets.append(f.tell())
        f.write(b"%d 0 obj\n" % number + head)
        if hole:
            f.seek(hole, 1)
        f.write(tail + b"\nendobj\n")

    put(1, b"<< /Type /Catalog /Pages 2 0 R >>")
    put(2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
    put(3, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
           b"/Resources << /Font << /F1 6 0 R >> >> /Large 5 0 R >>")
    put(4, b"<< /Length %d >>\nstream\n" % len(content) + content + b"endstream")
    put(5, b"<< /Length %d >>\nstream\n" % size, size, b"\nendstream")
    put(6, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    at = f.tell()
    f.write(b"xref\n0 7\n0000000000 65535 f \n")
    for offset in offsets:
        f.write(b"%010d 00000 n \n" % offset)
    f.write(b"trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % at)
