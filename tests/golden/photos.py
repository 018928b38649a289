"""Write the photos that the golden test shows to the product: sound ones, bad ones, broken ones.

All are drawn, with fixed seeds. Most are PNG, so that every machine reads the same pixels.
"""

from pathlib import Path

import cv2
import numpy as np
from make_fundus import CLASSES, draw_fundus

from tests.edge_runtime.files import encoded, jpeg_with_exif, noisy, tiff_of

SIZE = (480, 640)

# By eye, seeds whose class the default bundle is sure of: another processor won't change it.
SEEDS = {"cataract": 1, "diabetic_retinopathy": 5, "glaucoma": 1, "normal": 1}


def write_photos(work: Path) -> None:
    """Write a folder for each kind of photo."""
    drawn = {kind: draw_fundus(kind, seed=SEEDS[kind], size=SIZE) for kind in CLASSES}
    eye = drawn["glaucoma"]
    kinds = {
        "drawn": {f"{kind}.png": encoded(photo, ".png") for kind, photo in drawn.items()},
        "formats": formats(eye),
        "ungradable": ungradable(eye),
        "broken": broken(eye),
        "more": {"another.png": encoded(draw_fundus("glaucoma", seed=3, size=SIZE), ".png")},
        "growing": {"old.png": encoded(eye, ".png")},
        "no_photos": {"notes.txt": b"no photo here"},
    }
    for kind, files in kinds.items():
        (work / kind).mkdir()
        for name, data in files.items():
            (work / kind / name).write_bytes(data)
    (work / "mixed" / "sub").mkdir(parents=True)
    (work / "mixed" / "eye.png").write_bytes(encoded(eye, ".png"))
    (work / "mixed" / "sub" / "eye.JPG").write_bytes(encoded(eye[:200], ".jpg")[:3000])
    (work / "mixed" / "notes.txt").write_text("passed over")
    (work / "mixed" / ".hidden.png").write_bytes(b"not counted")
    (work / "mixed" / "gone.png").symlink_to("nowhere.png")


def formats(eye: np.ndarray) -> dict[str, bytes]:
    """One eye in every format and depth that is read."""
    grey = cv2.cvtColor(eye, cv2.COLOR_RGB2GRAY)
    deep = eye[..., ::-1].astype(np.uint16) * 257
    clear = np.dstack([eye[..., ::-1], np.full(SIZE, 128, np.uint8)])
    jpeg = encoded(eye, ".jpg", cv2.IMWRITE_JPEG_QUALITY, 95)
    return {
        "alpha.png": cv2.imencode(".png", clear)[1].tobytes(),
        "cmyk.jpg": cmyk(eye),
        "grey.png": cv2.imencode(".png", grey)[1].tobytes(),
        "mirrored.jpg": jpeg_with_exif(jpeg, 2),
        "photo.bmp": encoded(eye, ".bmp"),
        "photo.jpg": jpeg,
        "photo.tiff": encoded(eye, ".tiff"),
        "photo.webp": encoded(eye, ".webp", cv2.IMWRITE_WEBP_QUALITY, 95),
        "sixteen.png": cv2.imencode(".png", deep)[1].tobytes(),
        "sixteen.tiff": cv2.imencode(".tiff", deep)[1].tobytes(),
        "turned.jpg": jpeg_with_exif(jpeg, 6),
        "named_as_another.png": jpeg,
    }


def ungradable(eye: np.ndarray) -> dict[str, bytes]:
    """Photos that can be read and not graded, each for its own reason."""
    lit = (eye.max(axis=2, keepdims=True) > 40).astype(np.uint8)
    half = np.arange(SIZE[1])[None, :, None] > SIZE[1] // 2
    pictures = {
        "blurred": cv2.GaussianBlur(eye, (0, 0), 16) * lit,
        "bright": 250 * np.repeat(lit, 3, axis=2),
        "dark": eye // 12,
        "empty_field": np.uint8([190, 95, 45]) * lit,
        "flat": np.full((300, 300, 3), 120, np.uint8),
        "green": eye * np.array([0, 1, 0], np.uint8),
        "half": eye * half,
        "noise": noisy(300, 400),
        "noisy_field": (noisy(*SIZE) // 2 + np.uint8([90, 20, 0])) * lit,
        "one_pixel": noisy(1, 1),
        "stripes": np.tile(np.uint8([[[200, 90, 40]], [[60, 30, 20]]]), (150, 300, 1)),
        "tiny": cv2.resize(eye, (64, 48), interpolation=cv2.INTER_AREA),
    }
    return {f"{name}.png": encoded(picture, ".png") for name, picture in pictures.items()}


def broken(eye: np.ndarray) -> dict[str, bytes]:
    """Files that are refused, each with a sentence."""
    small = np.ascontiguousarray(eye[::4, ::4])
    clear = np.dstack([small, np.full(small.shape[:2], 128, np.uint8)])
    picture = encoded(small, ".png")
    wrong_check = picture[:29] + bytes([picture[29] ^ 1]) + picture[30:]
    return {
        **{
            f"cut{suffix}": encoded(small, suffix)[: int(0.6 * len(encoded(small, suffix)))]
            for suffix in (".bmp", ".jpg", ".png", ".tiff", ".webp")
        },
        "alpha.tiff": cv2.imencode(".tiff", clear)[1].tobytes(),
        "empty.jpg": b"",
        "float.tiff": cv2.imencode(".tiff", small.astype(np.float32))[1].tobytes(),
        "gif.png": b"GIF89a" + bytes(60),
        "heic.jpg": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(60),
        "pages.tiff": tiff_of([noisy(), noisy(seed=1)]),
        "pdf.jpg": b"%PDF-1.7" + bytes(60),
        "text.jpg": b"this is no photo",
        "wrong_check.png": wrong_check,
    }


def cmyk(eye: np.ndarray) -> bytes:
    """Write a JPEG of four inks as Adobe does, inverted: OpenCV can't, so it is put together."""
    planes = [*np.moveaxis(eye, -1, 0), np.full(eye.shape[:2], 255, np.uint8)]
    coded = [cv2.imencode(".jpg", np.ascontiguousarray(plane))[1].tobytes() for plane in planes]
    frame, scan = coded[0].index(b"\xff\xc0"), coded[0].index(b"\xff\xda")
    tables = coded[0][2:frame] + coded[0][frame + 13 : scan]
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    inks = b"".join(bytes([ink, 0x11, 0]) for ink in (1, 2, 3, 4))
    head = b"\xff\xc0\x00\x14\x08" + coded[0][frame + 5 : frame + 9] + b"\x04" + inks
    scans = b"".join(
        b"\xff\xda\x00\x08\x01" + bytes([ink, 0]) + b"\x00\x3f\x00" + plane[scan + 10 : -2]
        for ink, plane in enumerate(coded, start=1)
    )
    return b"\xff\xd8" + adobe + tables + head + scans + b"\xff\xd9"
