"""Read of an ICC colour profile what tells whether its colours are those of sRGB."""

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_CLASSES = (b"scnr", b"mntr", b"prtr", b"spac")  # profiles of devices and spaces, no links
_MOST_TAGS = 200
_SRGB_COLOURS = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
_NEAR = 0.002  # profiles of sRGB differ by 0.001 in rounding; gamma 2.2 lies 0.008 away
_LEVELS = np.linspace(0, 1, 33)
_SRGB_CURVE = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4)

_Curve = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """``channels`` are 1 for grey and 3 for RGB; ``is_srgb`` is true for the colours of sRGB.

    ``name`` is what its maker calls it, in plain ASCII, at most 40 letters; it may be empty.
    """

    channels: int
    is_srgb: bool
    name: str


def read_profile(data: bytes) -> Profile | None:
    """Read a profile; None if it is broken, or for colours that photos here don't have (CMYK)."""
    channels = {b"RGB ": 3, b"GRAY": 1}.get(data[16:20], 0)
    if len(data) < 132 or data[36:40] != b"acsp" or data[12:16] not in _CLASSES or not channels:
        return None
    try:
        tags = _read_tags(data)
        return Profile(channels, _is_srgb(tags, channels), _name(tags.get(b"desc", b"")))
    except (struct.error, ValueError, IndexError, OverflowError):
        return None


def _read_tags(data: bytes) -> dict[bytes, bytes]:
    count = min(struct.unpack_from(">I", data, 128)[0], _MOST_TAGS)
    entries = [struct.unpack_from(">4sII", data, 132 + 12 * index) for index in range(count)]
    return {name: data[start : start + size] for name, start, size in entries}


def _name(tag: bytes) -> str:
    """Read a description in either of its forms; nothing where it is missing or broken.

    Source: ICC.1:2001-04, 6.5.17 (textDescriptionType); ICC.1:2022, 10.15 (multiLocalizedUnicode).
    """
    if tag[:4] == b"mluc":
        length, start = (int.from_bytes(tag[at : at + 4], "big") for at in (20, 24))
        text = tag[start : start + length].decode("utf-16-be", "ignore")
    else:
        length = int.from_bytes(tag[8:12], "big")
        text = tag[12 : 12 + length].decode("ascii", "ignore")
    text = text.partition("\0")[0]
    return "".join(each for each in text if each.isascii() and each.isprintable())[:40].strip()


def _is_srgb(tags: dict[bytes, bytes], channels: int) -> bool:
    if channels == 1:
        return b"kTRC" in tags and _is_near(_curve(tags[b"kTRC"]), _SRGB_CURVE)
    matrix = [tags.get(name) for name in (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC")]
    if b"A2B0" in tags or None in matrix:  # tables, of which the name must be believed
        name = tags.get(b"desc", b"").replace(b"\0", b"")
        return b"sRGB" in name
    colours, curves = [tag or b"" for tag in matrix[:3]], [tag or b"" for tag in matrix[3:]]
    points = np.array([struct.unpack_from(">3i", tag, 8) for tag in colours]) / 65536
    return _is_near(points, np.array(_SRGB_COLOURS)) and all(
        _is_near(_curve(tag), _SRGB_CURVE) for tag in curves
    )


def _curve(tag: bytes) -> _Curve:
    """Work out a tone curve at ``_LEVELS``.

    Source: ICC.1:2022, 10.6 (curveType) and 10.18 (parametricCurveType).
    """
    if tag[:4] == b"curv":
        count = struct.unpack_from(">I", tag, 8)[0]
        if count < 2:
            power = struct.unpack_from(">H", tag, 12)[0] / 256 if count else 1.0
            return np.asarray(_LEVELS**power)
        table = np.frombuffer(tag, ">u2", count, 12) / 65535
        return np.asarray(np.interp(_LEVELS * (count - 1), np.arange(count), table))
    if tag[:4] != b"para":
        raise ValueError("neither a table nor a formula")
    form = struct.unpack_from(">H", tag, 8)[0]
    count = (1, 3, 4, 5, 7)[form]
    numbers = [each / 65536 for each in struct.unpack_from(f">{count}i", tag, 12)]
    # the bend is at d; without one, what would be negative is 0
    if form == 2:
        numbers = [*numbers[:3], 0, -1, numbers[3], 0]
    else:
        numbers += {0: [1, 0, 0, -1, 0, 0], 1: [0, -1, 0, 0], 3: [0, 0], 4: []}[form]
    g, a, b, c, d, e, f = numbers
    power = np.maximum(a * _LEVELS + b, 0) ** g + e
    return np.asarray(np.where(d > _LEVELS, c * _LEVELS + f, power))


def _is_near(one: _Curve, other: _Curve) -> bool:
    return bool(np.abs(one - other).max() <= _NEAR)
