"""The properties of a photo that are swapped one by one, and how each is spoken of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.explanations.shortcuts import swap_eye, swap_file
from calibration.explanations.shortcuts.eye import Eye
from calibration.explanations.shortcuts.swap_eye import FROM_ALL_ROUND, SECTORS

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Swap:
    """One property.

    ``title`` stands in tables, ``subject`` begins a sentence that goes on with "of photos ...".
    ``give`` makes the picture of a photo and a donor; None where the donor's differs in nothing
    that the model could see. ``control`` is the swap of as many pixels at the middle of the eye,
    empty where there is none. ``needs_jpeg`` says that the donor must be one. ``is_control`` says
    that it is no property but such a control.
    """

    title: str
    subject: str
    give: Callable[[Eye, Eye], Pixels | None]
    control: str = ""
    needs_jpeg: bool = False
    is_control: bool = False


@dataclass(frozen=True)
class Writing:
    """A property without a donor: writing that is laid over the photo at a place."""

    title: str
    subject: str
    place: str
    control: str = ""
    is_control: bool = False


def _rim(sector: str) -> Swap:
    """Make the swap of one of the eight pieces of the rim."""
    where = f"in the {sector} corner" if " " in sector else f"on the {sector}"
    if sector in ("top", "bottom"):
        where = f"at the {sector}"
    subject = f"What lies at the eye's rim {where}"
    return Swap(f"rim, {sector}", subject, _piece(sector), "middle")


def _piece(name: str) -> Callable[[Eye, Eye], Pixels]:
    def give(own: Eye, donor: Eye) -> Pixels:
        return swap_eye.piece(own.seen, donor.seen, name)

    return give


def _of_seen(change: Callable[..., Pixels]) -> Callable[[Eye, Eye], Pixels]:
    def give(own: Eye, donor: Eye) -> Pixels:
        return change(own.seen, donor.seen)

    return give


#: By name.
SWAPS: Mapping[str, Swap | Writing] = {
    "border": Swap("outline of the field", "The outline of the field", swap_file.border),
    "frame": Swap("frame around the eye", "The frame around the eye", swap_file.frame),
    "text-frame": Writing("writing in the frame", "Writing in the frame", "frame"),
    "text-rim": Writing("writing over the rim", "Writing over the rim", "rim", "text-middle"),
    "colour": Swap("colour cast", "The colour cast", _of_seen(swap_eye.colour)),
    "illumination": Swap("illumination", "The illumination", _of_seen(swap_eye.illumination)),
    "resolution": Swap("resolution", "The number of pixels", swap_file.resolution),
    "jpeg": Swap("JPEG quality", "The JPEG quality", swap_file.jpeg, needs_jpeg=True),
    "rim": Swap(
        f"outermost ring of the eye (from {FROM_ALL_ROUND:g} of its radius)",
        "What lies in the outermost ring of the eye", _piece("all round"), "broad-middle",
    ),
    **{f"rim-{sector.replace(' ', '-')}": _rim(sector) for sector in SECTORS},
    "middle": Swap(
        "middle, as large as a corner", "The middle of the eye", _piece("middle"), is_control=True
    ),
    "broad-middle": Swap(
        "middle, as large as the outermost ring", "The middle of the eye", _piece("broad middle"),
        is_control=True,
    ),
    "text-middle": Writing(
        "writing over the middle", "Writing over the middle", "middle", is_control=True
    ),
}  # fmt: skip

#: Those that are audited; the others are their controls.
PROPERTIES = tuple(name for name, each in SWAPS.items() if not each.is_control)


def with_controls(names: tuple[str, ...]) -> tuple[str, ...]:
    """Add the controls that properties need, in the order of ``SWAPS``."""
    needed = {*names, *(SWAPS[name].control for name in names)}
    return tuple(name for name in SWAPS if name in needed)
