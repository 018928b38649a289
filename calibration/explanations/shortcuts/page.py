"""Write an audit of shortcuts: a self-contained page, and its figures as JSON."""

from pathlib import Path

from calibration.explanations.published import left_out_rows, publish, to_json
from calibration.explanations.shortcuts.audit import Audited
from calibration.explanations.shortcuts.pictures import plot_effects, shown_cases
from calibration.explanations.shortcuts.record import ShortcutsRecord
from calibration.explanations.shortcuts.rows import (
    DETAIL_HEADS,
    SOURCE,
    class_heads,
    class_rows,
    conclusion,
    detail_rows,
    is_clean,
    logit_rows,
)
from calibration.explanations.shortcuts.swap_eye import FROM, FROM_ALL_ROUND, FROM_AT_SIDES
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import titled

PAGE, RECORD = "shortcuts.html", "shortcuts.json"

_TEMPLATES = Path(__file__).parent / "templates"


def write_shortcuts(record: ShortcutsRecord, audited: Audited, folder: Path) -> None:
    """Write ``shortcuts.html`` and ``shortcuts.json`` into a new folder, both or none.

    Raises:
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
    """
    publish(folder, (PAGE, shortcuts_page(record, audited)), (RECORD, to_json(record)))


def shortcuts_page(record: ShortcutsRecord, audited: Audited) -> str:
    """Write the page. Every figure on it stands in ``shortcuts.json`` too."""
    donors = {donor: f"Photos called {titled(donor)}" for donor in record.photos_by_class}
    parts = [
        (title, detail_rows(record, donor), logit_rows(record, donor))
        for donor, title in {**donors, "": f"Photos of {SOURCE}, of the same class"}.items()
    ]
    return page_template("shortcuts.html.jinja", _TEMPLATES).render(
        record=record,
        conclusion=conclusion(record),
        banner="verdict" if record.shortcuts else "verdict pass" if is_clean(record) else "notice",
        by_class=(class_heads(record), class_rows(record)),
        plot=plot_effects(record) if record.effects else {},
        no_interval=dict.fromkeys(
            each.turned_beyond.note
            for each in record.effects
            if each.turned_beyond.value is not None and each.turned_beyond.interval is None
        ),
        cases=shown_cases(record, audited),
        reach=(FROM, FROM_AT_SIDES, FROM_ALL_ROUND),
        parts=[part for part in parts if part[1]],
        detail_heads=DETAIL_HEADS,
        logit_heads=(
            "change of the logit, beyond the control",
            *map(titled, record.photos_by_class),
            "lead of the named class",
            "95 % interval",
        ),
        left_out=(("photo", "why"), left_out_rows(record.left_out)),
    )
