"""Colour profiles, written by hand: three primaries and a tone curve, or a tone curve alone."""

import struct

# by ICC, for the white of D50
COLOURS = {
    "sRGB": ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
    "Display P3": ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)),
    "Adobe RGB": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
    "ProPhoto": ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)),
}
WHITE = (0.9642, 1.0, 0.8249)


def rgb_profile(name, *, curve, words=b""):
    """Write a profile of a name's primaries; ``curve`` is a power, or None for sRGB's own."""
    points = zip((b"rXYZ", b"gXYZ", b"bXYZ"), COLOURS[name], strict=True)
    tags = {b"cprt": b"text\0\0\0\0" + words + b"\0"}
    tags |= {tag: _xyz(point) for tag, point in points}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(curve))
    return _profile(b"RGB ", name, tags)


def grey_profile(power):
    return _profile(b"GRAY", "grey", {b"kTRC": _curve(power)})


def _curve(power):
    if power is None:
        numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        return b"para\0\0\0\0" + struct.pack(">HH5i", 3, 0, *(round(65536 * n) for n in numbers))
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * power)) + bytes(2)


def _xyz(point):
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * each) for each in point))


def _profile(space, name, tags):
    title = name.encode() + b"\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(title)) + title + bytes(78)
    tags = {b"desc": described, b"wtpt": _xyz(WHITE), **tags}
    at, table, body = 132 + 12 * len(tags), b"", b""
    for tag, content in tags.items():
        table += struct.pack(">4sII", tag, at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = at + len(body)
    header = struct.pack(">I4xI4s4s4s12x4s", size, 0x02400000, b"mntr", space, b"XYZ ", b"acsp")
    header = header.ljust(68, b"\0") + b"".join(
        struct.pack(">i", round(65536 * each)) for each in WHITE
    )
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


ADOBE_RGB = rgb_profile("Adobe RGB", curve=2.19921875)
DISPLAY_P3 = rgb_profile("Display P3", curve=None)
PROPHOTO = rgb_profile("ProPhoto", curve=1.8)
