"""Write where the evidence lies beside lesions as one self-contained HTML page."""

from collections.abc import Sequence
from pathlib import Path

from calibration.explanations.lesions import rows
from calibration.explanations.lesions.judged import LEVELS
from calibration.explanations.lesions.marked_eyes import MarkedEye
from calibration.explanations.lesions.masks import ALL
from calibration.explanations.lesions.pictures import OUTLINES, marked_pictures
from calibration.explanations.lesions.record import LesionsRecord
from calibration.explanations.published import publish, to_json
from edge_runtime.errors import printable
from edge_runtime.results.embedded import embedded
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import number, percent

PAGE, RECORD = "lesions.html", "lesions.json"

_TEMPLATES = Path(__file__).parent / "templates"
_PICTURES = 3  # of the best and of the worst


def write_lesions(
    record: LesionsRecord, eyes: Sequence[MarkedEye], classes: tuple[str, ...], folder: Path
) -> None:
    """Write ``lesions.html`` and ``lesions.json`` into a new folder, both or none.

    Raises:
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
        PhotoNotFoundError: A photo that shall be shown is gone.
        PhotoUnreadableError: It can't be read any more.
        LesionMasksError: A mask can't.
    """
    publish(folder, (PAGE, lesions_page(record, eyes, classes)), (RECORD, to_json(record)))


def lesions_page(record: LesionsRecord, eyes: Sequence[MarkedEye], classes: tuple[str, ...]) -> str:
    """Write the page. Every figure on it stands in ``lesions.json`` too."""
    best, worst = _best_and_worst(record)
    named = classes.index(record.named)
    return page_template("lesions.html.jinja", _TEMPLATES).render(
        record=record,
        rows=rows,
        levels=LEVELS,
        outlines=", ".join(f"{rows.titled(kind)} {OUTLINES[kind][0]}"
                           for kind in OUTLINES if kind in record.marked),
        best=[_shown(record, eyes, at, named) for at in best],
        worst=[_shown(record, eyes, at, named) for at in worst],
    )  # fmt: skip


def _best_and_worst(record: LesionsRecord) -> tuple[list[int], list[int]]:
    """Choose photos by how much evidence lies on the lesions, beside their share of the eye."""
    order = sorted(
        (at for at, row in enumerate(record.rows) if ALL in row.times),
        key=lambda at: -record.rows[at].times[ALL],
    )
    best = order[: min(_PICTURES, (len(order) + 1) // 2)]
    return best, order[::-1][: min(_PICTURES, len(order) - len(best))]


def _shown(
    record: LesionsRecord, eyes: Sequence[MarkedEye], at: int, named: int
) -> tuple[str, dict[str, str]]:
    """Draw a photo, and say what it is."""
    row = record.rows[at]
    pictures = marked_pictures(eyes[at].photo, eyes[at].maps[named])
    said = (
        f"{printable(Path(row.path).name)}: predicted {rows.titled(row.predicted)}, "
        f"{rows.titled(record.named)} {percent(row.probability)}; evidence on lesions "
        f"{number(row.times[ALL], 2)} times their share of the eye, {percent(row.area[ALL], 2)}"
    )
    titles = ("what is marked", f"and the evidence for {rows.titled(record.named)}")
    return said, dict(zip(titles, map(embedded, pictures), strict=True))
