"""Measure how often damage inside the picture data of a JPEG is noticed.

python benchmarks/jpeg_damage.py [PHOTO] [--places 200]
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.errors import PhotoUnreadableError
from edge_runtime.photo.decode import decode

_ROOT = Path(__file__).parents[1]
_KINDS = {
    "plain": [],
    "with restart markers": [cv2.IMWRITE_JPEG_RST_INTERVAL, 50],
    "progressive": [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
}
_DAMAGE = ("512 zeros", "2,000 random bytes", "64 random bytes", "one bit")


def main() -> None:
    """Print a Markdown table: the share of the places at which each kind of damage is noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path, nargs="?", default=_ROOT / "examples/retina.jpg")
    parser.add_argument("--places", type=int, default=200)
    options = parser.parse_args()
    photo = cv2.imread(str(options.photo))
    print(f"{options.photo.name} as JPEG of quality 90, {options.places} random places each\n")
    print(f"| | {' | '.join(_DAMAGE)} |\n|---|{'---|' * len(_DAMAGE)}")
    for name, writing in _KINDS.items():
        data = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 90, *writing])[1].tobytes()
        shares = [_noticed(data, kind, options.places) for kind in _DAMAGE]
        print(f"| {name} | {' | '.join(f'{share:.1%}' for share in shares)} |")


def _noticed(data: bytes, kind: str, places: int) -> float:
    generator = np.random.default_rng(0)
    start = data.index(b"\xff\xda") + 20
    found = 0
    for at in map(int, generator.integers(start, len(data) - 2002, places)):
        found += _is_refused(_spoilt(data, at, kind, generator))
    return found / places


def _spoilt(data: bytes, at: int, kind: str, generator: np.random.Generator) -> bytes:
    """Overwrite a part, without markers: those are noticed in any case."""
    filling = {
        "512 zeros": bytes(512),
        "2,000 random bytes": generator.bytes(2000),
        "64 random bytes": generator.bytes(64),
        "one bit": bytes([data[at] ^ 1 << int(generator.integers(8))]),
    }[kind].replace(b"\xff", b"\xfe")
    return data[:at] + filling + data[at + len(filling) :]


def _is_refused(data: bytes) -> bool:
    try:
        decode(data)
    except PhotoUnreadableError:
        return True
    return False


if __name__ == "__main__":
    main()
