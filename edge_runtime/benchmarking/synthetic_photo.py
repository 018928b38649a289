"""Draw a photo to measure with, where there is none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def drawn_unless(photo: Path | None) -> Iterator[Path]:
    """Draw a photo unless there is one, into a file that not even a kill leaves behind."""
    if photo is not None:
        yield photo
    elif hasattr(os, "memfd_create"):
        number = os.memfd_create("drawn.jpg")
        try:
            os.write(number, _drawn())
            yield Path(f"/proc/self/fd/{number}")
        finally:
            os.close(number)
    else:
        with TemporaryDirectory(prefix="fundus-edge-") as folder:
            file = Path(folder, "drawn.jpg")
            file.write_bytes(_drawn())
            yield file


def _drawn() -> bytes:
    """Draw a disc of the colour and texture of a retina, 1,536 x 1,536 pixels, as JPEG."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    side = 1536
    random = np.random.default_rng(0)
    texture = np.zeros((side, side, 3), np.float32)
    for size, strength in ((48, 14), (8, 7)):  # as vessels are, and finer; all fine is noise
        grid = random.normal(0, strength, (side // size, side // size, 3)).astype(np.float32)
        texture += cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)
    picture = np.clip(texture + np.array([160, 80, 40], np.float32), 13, 255).astype(np.uint8)
    rows, columns = np.ogrid[:side, :side]
    picture[np.hypot(rows - side / 2, columns - side / 2) > side * 0.48] = 0
    return cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]))[1].tobytes()
