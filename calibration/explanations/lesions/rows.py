"""Write the figures of a lesions record as rows of text, for the page and the console."""

from calibration.explanations.estimate import Estimate
from calibration.explanations.lesions.judged import CONTROLS, LEVELS, MODEL
from calibration.explanations.lesions.masks import ALL, TARGETS
from calibration.explanations.lesions.record import LesionsRecord, OnMarks
from edge_runtime.errors import printable
from edge_runtime.results.shown import number, percent

Row = tuple[str, ...]

MARK_HEADS = (
    "marked", "photos", "evidence, times its share of the eye", "random maps", "which is",
    "hottest place on it", "a random place", "AUPRC", "random maps", "AUROC",
)  # fmt: skip
SHORT_HEADS = (
    "marked", "measure", "photos", "the map", "random maps", "centre", "evenly spread", "which is"
)  # fmt: skip
AMOUNT_HEADS = (
    "marked", "photos", "share of the eye", "share of the evidence", "separate areas a photo"
)  # fmt: skip
SPLIT_HEADS = ("marked", "measure", "right", "photos", "wrong", "photos", "right less wrong")
TREND_HEADS = (
    "marked", "photos", "share of evidence, with area", "with number", "evenly spread, with number",
    "times the share of the eye, with area", "with number", "probability, with area", "with number",
)  # fmt: skip
PHOTO_HEADS = (
    "photo", "predicted", "probability", "lesions' share of the eye", "lesions",
    "evidence on them, times their share of the eye", "AUROC",
)  # fmt: skip

#: What is said of the persons where no patient is known.
NO_PATIENTS = (
    "no patient is known, so each photo counts as a person of its own, but for copies: where both "
    "eyes of one are among them, the intervals are too narrow"
)

_OTHERS = {
    "centre": "the centre", "field": "evidence spread evenly", "other photo": "other photos' maps",
    "other class": "another class's map",
}  # fmt: skip

_MEASURES = {
    "times": "evidence, times its share of the eye", "pointing": "hottest place on it",
    "auprc": "AUPRC", "auroc": "AUROC",
}  # fmt: skip

_DIGITS = {"times": 2, "pointing": 2, "auprc": 3, "auroc": 2}

_SHORT = (MODEL, "random", "centre", "field")


def titled(name: str) -> str:
    """Write a class's, kind's or level's name."""
    return name.replace("_", " ")


def about(record: LesionsRecord) -> list[Row]:
    """Say what was measured, on what."""
    classes = ", ".join(f"{titled(name)} {count}" for name, count in record.predicted.items())
    left = f", {len(record.left_out)} left out" if record.left_out else ""
    persons = (
        f"{record.persons} {'person' if record.persons == 1 else 'persons'}"
        if record.patients_known
        else NO_PATIENTS
    )
    return [
        ("model", f"{record.model} of {record.bundle.name} ({record.bundle.identity[:12]})"),
        ("maps", f"Grad-CAM, {record.gradients} gradients"),
        ("the lesions speak for", titled(record.named)),
        ("photos", f"{record.photos}{left}"),
        ("persons", persons),
        ("predicted classes", classes),
    ]


def conclusion(record: LesionsRecord) -> str:
    """Say in a sentence what all lesions together come to, measure by measure."""
    found = record.explained[record.named][LEVELS[0]]
    name = ALL if ALL in found else next(iter(found))
    each, by_verdict = found[name], dict[str, list[str]]()
    for measure, title in _MEASURES.items():
        by_verdict.setdefault(beside_others(each, measure), []).append(title.partition(",")[0])
    said = "; ".join(f"{verdict} (by {' and '.join(by)})" for verdict, by in by_verdict.items())
    return f"On {titled(name)} the map of {titled(record.named)} is {said}."


def short_rows(record: LesionsRecord) -> list[Row]:
    """Say of each kind of mark what the map reaches, and what its baselines do."""
    return [
        (titled(name), title, str(each.maps[MODEL][measure].photos),
         *(number(each.maps[kind][measure].value, _DIGITS[measure]) for kind in _SHORT),
         beside_others(each, measure))
        for name, each in record.explained[record.named][LEVELS[0]].items()
        for measure, title in _MEASURES.items()
    ]  # fmt: skip


def beside_others(each: OnMarks, measure: str) -> str:
    """Say whether the model's map is better than random maps, and if so, than each other one.

    One that reaches no more than another map tells nothing that this doesn't, however much better
    than random maps it is. Maps that can't be compared are passed over.
    """
    said = each.verdicts[measure]
    if not said.startswith("better"):
        return said
    gains = {title: each.gains[kind][measure] for kind, title in _OTHERS.items()}
    level = [title for title, gain in gains.items() if gain.interval and gain.interval[0] <= 0]
    return f"{said}, not shown to be better than {' or '.join(level)}" if level else said


def mark_rows(record: LesionsRecord, explained: str, level: str) -> list[Row]:
    """List what the maps of a class reach on each kind of mark."""
    rows: list[Row] = []
    for name, each in record.explained[explained][level].items():
        own, random = each.maps[MODEL], each.maps["random"]
        rows.append(
            (titled(name), str(own["auprc"].photos), spanned(own["times"], 2),
             number(random["times"].value, 2), each.verdicts["times"], spanned(own["pointing"], 2),
             number(each.chance["pointing"].value, 2), spanned(own["auprc"], 3),
             number(random["auprc"].value, 3), spanned(own["auroc"], 2))
        )  # fmt: skip
    return rows


def spanned(mean: Estimate, digits: int) -> str:
    """Write a mean with its interval."""
    if mean.interval is None:
        return "-" if mean.value is None else f"{number(mean.value, digits)} (no interval)"
    return f"{number(mean.value, digits)} ({' to '.join(number(e, digits) for e in mean.interval)})"


def gained(gain: Estimate, digits: int = 2) -> str:
    """Write a difference with its sign and its interval."""
    if gain.interval is None:
        return "-" if gain.value is None else f"{gain.value:+.{digits}f} (no interval)"
    return f"{gain.value:+.{digits}f} ({' to '.join(f'{e:+.{digits}f}' for e in gain.interval)})"


def map_heads(record: LesionsRecord) -> Row:
    """Head ``map_rows``: the kinds of marks."""
    return "map", *(titled(name) for name in TARGETS if name in record.marked)


def map_rows(record: LesionsRecord, measure: str, digits: int = 2) -> list[Row]:
    """List what each kind of map reaches on each kind of mark, of the class of the lesions."""
    found = record.explained[record.named][LEVELS[0]]
    return [
        (kind, *(_counted(each.maps[kind][measure], digits) for each in found.values()))
        for kind in (MODEL, *CONTROLS)
    ]


def gain_rows(record: LesionsRecord, measure: str) -> list[Row]:
    """List by how much the model's map is above each other one on the same photos."""
    found = record.explained[record.named][LEVELS[0]]
    return [
        (f"than {kind}", *(
            f"{gained(each.gains[kind][measure])}, n {each.gains[kind][measure].photos}"
            for each in found.values()
        ))
        for kind in CONTROLS
    ]  # fmt: skip


def amount_rows(record: LesionsRecord) -> list[Row]:
    """List how much is marked, and how much of what speaks for the lesions' class lies there."""
    shown = record.explained[record.named][LEVELS[0]]
    return [
        (titled(name), str(each.photos), percent(each.area.value or 0, 2),
         percent(shown[name].maps[MODEL]["share"].value or 0), number(each.spots.value, 1))
        for name, each in record.marked.items()
    ]  # fmt: skip


def split_rows(record: LesionsRecord, explained: str) -> list[Row]:
    """List the figures of right and of wrong predictions, where there are both."""
    return [
        (titled(name), title, *_with_photos(each, "right", measure),
         *_with_photos(each, "wrong", measure),
         gained(each.right_less_wrong[measure], _DIGITS[measure]))
        for name, each in record.explained[explained][LEVELS[0]].items()
        for measure, title in _MEASURES.items()
        if each.right_less_wrong[measure].value is not None
    ]  # fmt: skip


def trend_rows(record: LesionsRecord) -> list[Row]:
    """List the rank correlations with area and number of lesions."""
    return [
        (titled(name), str(each.evenly.photos), *(spanned(found, 2) for found in (
            each.share_by_area, each.share_by_spots, each.evenly, each.times_by_area,
            each.times_by_spots, each.probability_by_area, each.probability_by_spots,
        )))
        for name, each in record.trends.items()
    ]  # fmt: skip


def photo_table(record: LesionsRecord) -> list[Row]:
    """List the photos, the one with most evidence on its lesions first."""
    rows = sorted(record.rows, key=lambda row: -row.times.get(ALL, -1.0))
    return [
        (printable(row.path.rpartition("/")[2]), titled(row.predicted), percent(row.probability),
         percent(row.area.get(ALL, 0.0), 2), str(row.spots.get(ALL, 0)),
         number(row.times.get(ALL)), number(row.auroc.get(ALL)))
        for row in rows
    ]  # fmt: skip


def _counted(mean: Estimate, digits: int) -> str:
    return f"{spanned(mean, digits)}, n {mean.photos}" if mean.photos else "-"


def _with_photos(each: OnMarks, part: str, measure: str) -> Row:
    mean = getattr(each, part)[measure]
    return spanned(mean, _DIGITS[measure]), str(mean.photos)
