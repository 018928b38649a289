"""Draw around what a model saw of a photo, in the coordinates of DICOM.

Source: DICOM PS3.3, C.18.6.1.2: columns and rows from the upper left corner of the first pixel.
"""

import numpy as np

from edge_runtime.photo.field import Field

_CORNERS = 64  # of the line that stands for an ellipse


def outline(size: tuple[int, int], field: Field | None) -> tuple[float, ...]:
    """Draw the field of view as far as the picture reaches, or else the whole picture.

    Args:
        size: The picture's height and width in pixels.
        field: Of view, in its pixels; None where none was found.

    Returns:
        x and y of each corner in turn, from the picture's upper left corner, the first one again
        at the end.
    """
    height, width = size
    if field is None:
        return tuple(map(float, (0, 0, width, 0, width, height, 0, height, 0, 0)))
    turns = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    corners = np.linalg.inv(field.to_unit) @ np.stack([np.cos(turns), np.sin(turns)])
    middle = np.array([field.x, field.y]) + 0.5
    drawn = np.clip(corners.T + middle, 0, [width, height])
    return tuple(np.float32(drawn[[*range(_CORNERS), 0]]).ravel().tolist())
