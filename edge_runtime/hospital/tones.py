"""Bring stored grey tones and palette numbers to 8 bits, as a DICOM header says they are shown.

A table of all stored values goes through what the header says instead of the pixels: there are
65,536 at most.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.frame_data import Form
from edge_runtime.hospital.header import Header, text_of

_Table = npt.NDArray[np.uint8]

_NO_TABLE = "is damaged: the table of its tones makes no sense"
_NO_WINDOW = "its window can't be used, so all of its tones are shown"
_SHOWN_BY = ("ModalityLUTSequence", "RescaleSlope", "VOILUTSequence", "WindowCenter")


def is_plain(header: Header) -> bool:
    """Tell whether grey tones are shown as they are stored."""
    return not any(keyword in header.dataset for keyword in _SHOWN_BY)


def grey_table(header: Header, form: Form) -> tuple[_Table, tuple[str, ...]]:
    """Make the table of grey tones: modality table or rescaling, then the first window or table.

    Args:
        header: Of the file.
        form: Of its pixels.

    Returns:
        uint8 (2 ** bits, 3), from the lowest stored value on; and how it was read.

    Raises:
        ClauseError: The modality's part is damaged.
    """
    from pydicom.pixels.processing import apply_modality_lut  # noqa: PLC0415

    data, notes = header.dataset, tuple[str, ...]()
    lowest = -(1 << form.bits - 1) if form.is_signed else 0
    stored = np.arange(lowest, lowest + (1 << form.bits), dtype=np.int32)
    with in_words(_NO_TABLE):
        values = np.asarray(apply_modality_lut(stored, data))
        least, most = _range(data, float(stored[0]), float(stored[-1]))
    try:
        with in_words(_NO_WINDOW):
            values, least, most = _windowed(values, data, least, most)
    except ClauseError as error:
        notes = (str(error),)
    shares = (values.astype(np.float64) - least) / ((most - least) or 1)
    if not np.isfinite(shares).all():
        raise ClauseError(_NO_TABLE)
    tones = np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    is_inverse = text_of(data, "PresentationLUTShape") == "INVERSE"
    if form.photometric == "MONOCHROME1" or is_inverse:
        tones = 255 - tones
    return np.repeat(tones[:, None], 3, axis=1), notes


def palette_table(header: Header, form: Form) -> _Table:
    """Make the table of a palette's colours, uint8 (2 ** bits, 3).

    Raises:
        ClauseError: The palette is damaged or of a kind that isn't read.
    """
    from pydicom.pixels.processing import apply_color_lut  # noqa: PLC0415

    data = header.dataset
    numbers = np.arange(1 << form.bits, dtype=np.uint16 if form.bits > 8 else np.uint8)
    with in_words("is damaged: its palette makes no sense"):
        colours = np.asarray(apply_color_lut(numbers[None, :], data))[0]
    is_deep = colours.dtype == np.uint16 and colours.max(initial=0) > 255
    return np.asarray(colours >> 8 if is_deep else colours, np.uint8)


def _range(data: Any, lowest: float, highest: float) -> tuple[float, float]:
    """Give the range of the modality's values."""
    if data.get("ModalityLUTSequence"):
        return 0.0, float((1 << int(data.ModalityLUTSequence[0].LUTDescriptor[2])) - 1)
    slope, intercept = data.get("RescaleSlope"), data.get("RescaleIntercept")
    if slope is None or intercept is None:
        return lowest, highest
    ends = sorted(each * float(slope) + float(intercept) for each in (lowest, highest))
    return ends[0], ends[1]


def _windowed(
    values: npt.NDArray[Any], data: Any, least: float, most: float
) -> tuple[npt.NDArray[Any], float, float]:
    """Take values through the first table or window of interest, and give the new range."""
    from pydicom.pixels.processing import apply_voi, apply_windowing  # noqa: PLC0415

    if data.get("VOILUTSequence"):
        depth = int(data.VOILUTSequence[0].LUTDescriptor[2])
        whole = np.rint(values).astype(np.int32)
        return np.asarray(apply_voi(whole, data)), 0.0, float((1 << depth) - 1)
    if data.get("WindowCenter") is None or data.get("WindowWidth") is None:
        return values, least, most
    return np.asarray(apply_windowing(values, data)), least, most
