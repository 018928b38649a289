"""Write what a store of explanations holds as one self-contained page."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from calibration.explanations.failures.traits import QUALITY_TITLES
from calibration.explanations.published import publish, to_json
from calibration.explanations.store.index import opened, rows_of
from calibration.explanations.store.spread import Spread
from calibration.explanations.store.summary import StoreSummary
from edge_runtime.errors import printable
from edge_runtime.results.embedded import embedded
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import percent, titled

PAGE, RECORD = "store.html", "store.json"

_TEMPLATES = Path(__file__).parent / "templates"
_SIDE = 320  # pixels of a picture of landmarks
_DISC, _FOVEA, _RIM = (47, 111, 143), (179, 84, 30), (93, 102, 117)

_TITLES = {
    "photo_width": "width of the file, pixels",
    "photo_height": "height of the file, pixels",
    "familiarity": "distance from the photographs of training, 1 is the limit",
    **{f"quality_{name}": title for name, title in QUALITY_TITLES.items()},
}
_GROUPS = {
    "label": "Class, as labelled",
    "predicted": "Class, as predicted",
    "source": "Source",
    "split": "Split",
    "eye": "Side of the eye",
}
_SIDES = {"right": "right eyes", "left": "left eyes", None: "side not known"}


def write_summary(store: Path, found: StoreSummary, folder: Path, *, verified: bool) -> None:
    """Write ``store.html`` and ``store.json`` into a new folder, both or none.

    Args:
        store: The store.
        found: From ``summarise``.
        folder: Where.
        verified: Whether all parts were read and are as they were written.

    Raises:
        ExplanationStoreError: The store can't be read.
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
    """
    page = summary_page(store, found, verified=verified)
    publish(folder, (PAGE, page), (RECORD, to_json(found)))


def summary_page(store: Path, found: StoreSummary, *, verified: bool) -> str:
    """Write the page. Its figures stand in ``store.json`` too.

    Args:
        store: The store.
        found: From ``summarise``.
        verified: Whether all parts were read and are as they were written.

    Raises:
        ExplanationStoreError: The store can't be read.
    """
    return page_template("store.html.jinja", _TEMPLATES).render(
        found=found,
        bundle=printable(found.info.bundle),
        size=f"{found.size_bytes / 2**20:,.1f} MiB in {found.parts} part(s)",
        verified=verified,
        groups=[
            (
                title,
                [
                    (_named(key, name), f"{each.photos:,}", percent(each.photos / found.photos),
                     f"{each.refused:,}", f"{each.discs:,}", f"{each.foveas:,}")
                    for name, each in found.groups[key].items()
                ],
            )
            for key, title in _GROUPS.items()
        ],
        refused=[(reason, f"{count:,}") for reason, count in found.refused_by.items()],
        measured=[
            _measured_row(title, found.measured[name])
            for name, title in _TITLES.items()
            if found.measured[name].photos
        ],
        landmarks=_landmark_pictures(store),
    )  # fmt: skip


def _named(key: str, name: str) -> str:
    """Name a group: a class without underscores, and one that photos aren't of as such."""
    if key not in ("label", "predicted"):
        return printable(name)
    return f"not {titled(name[1:])}" if name.startswith("!") else titled(name)


def _measured_row(title: str, spread: Spread) -> tuple[str, ...]:
    values = (spread.low or 0.0, spread.median or 0.0, spread.high or 0.0)
    digits = 0 if max(values) >= 20 else 3
    return (title, *(f"{each:,.{digits}f}" for each in values), f"{spread.photos:,}")


def _landmark_pictures(store: Path) -> dict[str, str]:
    """Draw where discs and foveas lie in the field of view, a picture for each side of the eye."""
    with opened(store) as index:
        rows = rows_of(index, ("eye", "disc_x", "disc_y", "fovea_x", "fovea_y"))
    pictures = {}
    for side, title in _SIDES.items():
        of_side = [row[1:] for row in rows if row[0] == side and row[1] is not None]
        if of_side:
            points = np.array(of_side, np.float64)  # NaN where there is none
            foveas = int(np.isfinite(points[:, 2]).sum())
            caption = f"{title}: {len(points):,} discs, {foveas:,} foveas"
            pictures[caption] = embedded(_drawn(points))
    return pictures


def _drawn(points: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Draw landmarks, (N, 4) in radii of the field, as dots in a ring: uint8 (side, side, 3)."""
    picture = np.full((_SIDE, _SIDE, 3), 255, np.uint8)
    middle = _SIDE // 2
    cv2.circle(picture, (middle, middle), middle - 2, _RIM, 1, cv2.LINE_AA)
    for columns, colour in ((slice(2, 4), _FOVEA), (slice(0, 2), _DISC)):
        for point in points[:, columns]:
            if np.isfinite(point).all():
                x, y = (round(float(each + 1) * (middle - 2)) + 2 for each in point)
                cv2.circle(picture, (x, y), 2, colour, -1, cv2.LINE_AA)
    return picture
