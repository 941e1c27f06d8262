#!/usr/bin/env python3
"""seal_pixels.py BEFORE.ppm AFTER.ppm X Y W H [quarters] - what a seal changed, pixel by pixel.

X Y W H is the seal's box in pixels from the upper left. Pixels outside it (but for one of smoothing)
must be the same; inside, something must differ. With `quarters` the picture of seal_tool's "png" must
stand upright: red, green, blue, and the page's own pixels in the lower right quarter.
"""
import sys


def read(path):
    data = open(path, "rb").read()
    head, at = [], 0
    while len(head) < 4:
        end = at
        while data[end:end + 1] not in (b" ", b"\n"):
            end += 1
        head.append(data[at:end])
        at = end + 1
    return int(head[1]), int(head[2]), data[at:]


def main():
    wide, high, before = read(sys.argv[1])
    wide2, high2, after = read(sys.argv[2])
    x, y, w, h = (float(v) for v in sys.argv[3:7])
    if (wide, high) != (wide2, high2):
        sys.exit("sizes differ")
    xs, ys, outside = [], [], 0
    for row in range(high):
        a, b = before[row * wide * 3:(row + 1) * wide * 3], after[row * wide * 3:(row + 1) * wide * 3]
        if a == b:
            continue
        for col in range(wide):
            if a[col * 3:col * 3 + 3] != b[col * 3:col * 3 + 3]:
                xs.append(col)
                ys.append(row)
                if not (x - 1.5 <= col <= x + w + 0.5 and y - 1.5 <= row <= y + h + 0.5):
                    outside += 1
    if not xs:
        sys.exit("nothing was drawn")
    if outside:
        sys.exit(f"{outside} pixels outside the seal differ, "
                 f"changed {min(xs)}..{max(xs)} x {min(ys)}..{max(ys)}")
    # ink reaches close to the box in its longer direction
    if max(xs) - min(xs) < 0.9 * min(w, h) and max(ys) - min(ys) < 0.9 * min(w, h):
        sys.exit(f"the seal is too small: {min(xs)}..{max(xs)} x {min(ys)}..{max(ys)}")
    if len(sys.argv) > 7:
        side = min(w, h)
        left, top = x + (w - side) / 2, y + (h - side) / 2
        want = [(1, 1, (255, 0, 0)), (3, 1, (0, 255, 0)), (1, 3, (0, 0, 255)), (3, 3, None)]
        for qx, qy, colour in want:
            at = (int(top + side * qy / 4) * wide + int(left + side * qx / 4)) * 3
            got = tuple(after[at:at + 3])
            if colour is None:
                colour = tuple(before[at:at + 3])
            if any(abs(p - q) > 2 for p, q in zip(got, colour)):
                sys.exit(f"quarter {qx},{qy} is {got}, not {colour}")


main()
