"""Write an analysis of stability: a self-contained page, and its figures as JSON."""

from pathlib import Path

from calibration.compare.similarity import MEASURES
from calibration.explanations.likeness_tables import doubts_text
from calibration.explanations.map_pairs import PARTNERS
from calibration.explanations.published import publish, to_json
from calibration.explanations.stability.plots import plot_curves, worst_pictures
from calibration.explanations.stability.record import StabilityRecord
from calibration.explanations.stability.rows import (
    AREA_HEADS,
    BASELINE_HEADS,
    MEASURE_TITLES,
    MOVE_HEADS,
    STRENGTH_HEADS,
    area_rows,
    baseline_rows,
    left_out_rows,
    measure_rows,
    move_rows,
    noise_rows,
    reliability_rows,
    strength_rows,
)
from calibration.explanations.stability.shaken import Shaken
from edge_runtime.results.page_template import page_template

PAGE, RECORD = "stability.html", "stability.json"

_TEMPLATES = Path(__file__).parent / "templates"


def write_stability(record: StabilityRecord, shaken: Shaken, folder: Path) -> None:
    """Write ``stability.html`` and ``stability.json`` into a new folder, both or none.

    Raises:
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
        PhotoNotFoundError: A photo that shall be shown is gone.
        PhotoUnreadableError: It can't be read any more.
    """
    publish(folder, (PAGE, stability_page(record, shaken)), (RECORD, to_json(record)))


def stability_page(record: StabilityRecord, shaken: Shaken) -> str:
    """Write the page. Every figure on it stands in ``stability.json`` too."""
    measures = [MEASURE_TITLES[name] for name in MEASURES]
    return page_template("stability.html.jinja", _TEMPLATES).render(
        record=record,
        cells=" x ".join(map(str, shaken.untouched.maps.shape[-2:])),
        doubts=doubts_text(record.other_class, record.other_side, record.fewer),
        partners=PARTNERS,
        tables={
            "areas": (AREA_HEADS, area_rows(record)),
            "baselines": (BASELINE_HEADS, baseline_rows(record)),
            "moves": (MOVE_HEADS, move_rows(record)),
            "measures": (["0 to 1, 1 is an unmoved map", *measures], measure_rows(record)),
            "noise": (("", "mean over photos"), noise_rows(record)),
            "reliability": (
                ("measure", "one photo (ICC)", "halves (Spearman; in brackets 95 % of splits)"),
                reliability_rows(record),
            ),
            "left_out": (("photo", "why"), left_out_rows(record)),
        },
        by_strength={name: strength_rows(record, name) for name in record.perturbations},
        strength_heads=STRENGTH_HEADS,
        curves=plot_curves(record),
        worst=[(case, worst_pictures(case, shaken, record)) for case in record.worst],
    )
