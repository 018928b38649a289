"""Make copies of a photo as they are found in circulation."""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Photo = npt.NDArray[np.uint8]


def turned(photo: Photo, degrees: float) -> Photo:
    height, width = photo.shape[:2]
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(photo, turn, (width, height)), np.uint8)


def shifted(photo: Photo, right: float, down: float) -> Photo:
    height, width = photo.shape[:2]
    move = np.array([[1, 0, right * width], [0, 1, down * height]])
    return np.asarray(cv2.warpAffine(photo, move, (width, height)), np.uint8)


def resized(photo: Photo, wider: float, higher: float) -> Photo:
    return np.asarray(
        cv2.resize(photo, None, fx=wider, fy=higher, interpolation=cv2.INTER_AREA), np.uint8
    )


def compressed(photo: Photo, quality: int) -> Photo:
    _, data = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def brighter(photo: Photo, factor: float) -> Photo:
    return np.clip(photo * factor, 0, 255).astype(np.uint8)


COPIES: dict[str, Callable[[Photo], Photo]] = {
    "mirrored": lambda photo: np.ascontiguousarray(photo[:, ::-1]),
    "upside down": lambda photo: np.ascontiguousarray(photo[::-1]),
    "turned by 37 degrees": lambda photo: turned(photo, 37),
    "turned by 200 degrees": lambda photo: turned(photo, 200),
    "shifted": lambda photo: shifted(photo, 0.08, -0.06),
    "compressed": lambda photo: compressed(photo, 40),
    "halved": lambda photo: resized(photo, 0.6, 0.6),
    "squeezed": lambda photo: resized(photo, 0.7, 1),
    "brighter": lambda photo: brighter(photo, 1.25),
    "darker": lambda photo: brighter(photo, 0.75),
    "mirrored, turned, shifted, smaller and compressed": lambda photo: compressed(
        resized(shifted(turned(photo[:, ::-1], 65), 0.05, 0.04), 0.8, 0.8), 60
    ),
}


def write(path, photo: Photo) -> None:
    """Write an RGB photo losslessly or as the ending says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _, data = cv2.imencode(path.suffix, np.ascontiguousarray(photo[..., ::-1]))
    path.write_bytes(data.tobytes())
