"""Write a comparison of two stores as one self-contained page."""

from collections.abc import Mapping
from pathlib import Path

from calibration.explanations.analysis.page import estimate_text
from calibration.explanations.analysis.pictures import explained_picture
from calibration.explanations.explained import Explained
from calibration.explanations.likeness import Likeness
from calibration.explanations.likeness_plot import plot_likeness
from calibration.explanations.likeness_tables import (
    RANDOM,
    columns,
    counts_text,
    in_short,
    likeness_table,
)
from calibration.explanations.published import publish, to_json
from calibration.explanations.similarity.compare_models import PhotoPair
from calibration.explanations.similarity.record import SimilarityRecord, model_name
from calibration.explanations.stored_field import not_found
from edge_runtime.errors import printable, ten_named
from edge_runtime.results.embedded import embedded
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import titled

PAGE, RECORD = "similarity.html", "similarity.json"

_TEMPLATES = Path(__file__).parent / "templates"
_SHOWN = 8  # photos
_SIDE = 220  # pixels
_OWN = "A and B"


def write_similarity(
    record: SimilarityRecord, first: Explained, second: Explained, folder: Path
) -> None:
    """Write ``similarity.html`` and ``similarity.json`` into a new folder, both or none.

    Raises:
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
    """
    publish(folder, (PAGE, similarity_page(record, first, second)), (RECORD, to_json(record)))


def similarity_page(record: SimilarityRecord, first: Explained, second: Explained) -> str:
    """Write the page.

    Args:
        record: The figures.
        first: The matched photos by A, in the order of ``by_photo``.
        second: The same by B.
    """
    found = record.result
    rows = {**columns(found.agreeing, _OWN), RANDOM: found.random_pairs}
    worst = sorted(
        (pair.measures["pearson"], at) for at, pair in enumerate(found.by_photo) if pair.measures
    )[:_SHOWN]
    return page_template("similarity.html.jinja", _TEMPLATES).render(
        record=record,
        not_found=not_found(first.photos),
        found=found,
        models=[
            (name, model_name(info))
            for name, info in (
                ("A", record.first),
                ("B", record.second),
                ("another seed", record.other_seed),
            )
            if info is not None
        ],
        matching=matching_rows(record),
        in_short=in_short(found.agreeing),
        same_class=estimate_text(found.same_class, shares=True),
        tables={
            "agreeing": likeness_table(found.agreeing, _OWN, found.random_pairs),
            "differing": likeness_table(found.differing, _OWN),
        },
        by_class={
            "agreeing": _parts(found.agreeing_by_class),
            "differing": _parts(found.differing_by_class),
        },
        counts_text=counts_text,
        plot=plot_likeness(rows, chance=frozenset({*found.agreeing.controls, RANDOM})),
        worst=[
            (printable(Path(found.by_photo[at].photo).name), found.by_photo[at],
             _pictures(found.by_photo[at], first, second, at))
            for _, at in worst
        ],
    )  # fmt: skip


def matching_rows(record: SimilarityRecord) -> list[tuple[str, str]]:
    """Say which photos were compared, and name those that weren't."""
    found = record.result.matching
    rows = [
        ("photos compared", f"{found.matched}, of {found.first} in A and {found.second} in B"),
        ("in both, but refused as ungradable in one", str(found.refused)),
        ("further files with the same content", str(found.twice)),
    ]
    for name, paths in (("A", found.only_first), ("B", found.only_second)):
        named = f": {ten_named([printable(path) for path in paths])}" if paths else ""
        rows.append((f"in {name} alone", f"{len(paths)}{named}"))
    return rows


def _parts(found: Mapping[str, Likeness]) -> list[tuple[str, Likeness, list[tuple[str, ...]]]]:
    return [(name, each, likeness_table(each, _OWN)) for name, each in found.items()]


def _pictures(pair: PhotoPair, first: Explained, second: Explained, at: int) -> dict[str, str]:
    label, pictures = first.top[at], {}
    for name, explained in (("A", first), ("B", second)):
        photo = first.photos[at]
        drawn = explained_picture(photo, explained.maps[at, label], side=_SIDE)
        if drawn is not None:
            pictures[f"{name}: {titled(pair.first)}"] = embedded(drawn)
    return pictures
