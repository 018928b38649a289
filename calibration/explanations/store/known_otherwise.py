"""Find photos of which something else is known now than when they were stored."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from calibration.explanations.store.index import opened, rows_of
from calibration.explanations.store.named import NamedPhoto
from calibration.explanations.store.row import Cell
from edge_runtime.errors import printable, ten_named
from edge_runtime.results.store_form import place_of

_COLUMNS = "place", "label", "excluded", "source", "patient", "split"


def known_otherwise(store: Path, photos: Sequence[NamedPhoto]) -> str | None:
    """Say in a sentence of which photos a run tells something else than the store keeps.

    What the run doesn't tell isn't compared.

    Args:
        store: The store, which has the photos.
        photos: As the run names them.

    Returns:
        None where all is as it was.

    Raises:
        ExplanationStoreError: The index can't be read.
    """
    with opened(store) as index:
        before = {row[0]: row[1:] for row in rows_of(index, _COLUMNS)}  # the latest of each place
    changed = [
        f"{printable(photo.path)} ({', '.join(differences)})"
        for photo in photos
        if (differences := list(_differences(before.get(place_of(photo.path)), photo)))
    ]
    if not changed:
        return None
    return (
        f"of {len(changed)} of the {len(photos)} photos something else is known now than when they "
        f"were stored, and the store keeps what it had: {ten_named(changed)}; to analyse them by "
        "what is known now, make the store anew"
    )


def _differences(before: Sequence[Cell] | None, now: NamedPhoto) -> Iterator[str]:
    if before is None:
        return
    label, excluded, source, patient, split = (
        None if each is None else str(each) for each in before
    )
    for what, was, known in (
        ("label", _label(label, excluded), _label(now.label, now.excluded)),
        ("source", source, now.source),
        ("patient", patient, now.patient),
        ("split", split, now.split),
    ):
        if known is not None and was != known:
            yield f"{what} {'not known' if was is None else was}, now {known}"


def _label(label: str | None, excluded: str | None) -> str | None:
    return f"!{excluded}" if label is None and excluded is not None else label
