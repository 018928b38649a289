"""A measurement of maps with all that a reader needs to judge it, as text."""

from collections.abc import Mapping
from dataclasses import dataclass

from calibration.explanations.estimate import Estimate
from calibration.explanations.failures.contrast import p_text
from calibration.explanations.faithfulness.faithfulness import MODEL, Faithfulness, Measure
from calibration.explanations.faithfulness.weight_randomisation import Randomisation
from calibration.explanations.stability.shaken import LeftOut
from edge_runtime.contract import DISCLAIMER
from edge_runtime.predict.record import BundleIdentity
from edge_runtime.results.shown import number, percent, signed, titled

#: The limit of ROAD that whoever reads its figures must know.
LIMIT_OF_ROAD = (
    "A map of a few cells removes broad patches, and ROAD fills them by soft blots whose place and "
    "shape the model may still read. So compare it with the random maps, which leave the same kind "
    "of blots, and not with figures of finer maps."
)

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class FaithReport:
    """``result`` and ``randomisation`` with where they come from.

    ``randomisation`` is None where ``not_randomised`` says why. ``left_out`` are the photos
    of which nothing was measured; of ``found`` photos ``undrawn`` were not looked at.
    """

    bundle: BundleIdentity
    model: str
    gradients: str
    found: int
    undrawn: int
    left_out: tuple[LeftOut, ...]
    classes: Mapping[str, int]
    settings: Mapping[str, int | None]
    result: Faithfulness
    randomisation: Randomisation | None
    not_randomised: str | None
    disclaimer: str = DISCLAIMER


def shown_mean(mean: Estimate, *, as_difference: bool = False) -> str:
    """Write a mean with its interval."""
    write = signed if as_difference else number
    if mean.interval is None:
        return f"{write(mean.value)} (no interval)" if mean.value is not None else "-"
    low, high = mean.interval
    return f"{write(mean.value)} ({write(low)} to {write(high)})"


def title_of(measure: Measure) -> str:
    """Name a measure with its scale and which way is better."""
    better = "less" if measure.less_is_better else "more"
    return f"{measure.name}, {measure.scale} ({better} is better)"


def about(report: FaithReport) -> Rows:
    """Say what was measured, on what."""
    result = report.result
    classes = ", ".join(f"{titled(name)} {count}" for name, count in report.classes.items())
    left = f", {len(report.left_out)} left out" if report.left_out else ""
    persons = "1 person" if result.persons == 1 else f"{result.persons} persons"
    undrawn = f", {report.undrawn} not drawn (--limit)" if report.undrawn else ""
    return [
        ("model", f"{report.model} of {report.bundle.name} ({report.bundle.identity[:12]})"),
        ("maps", f"Grad-CAM of the class that the model names, {report.gradients} gradients"),
        ("photos", f"{result.photos} of {persons}{left}{undrawn}"),
        ("named classes", classes),
    ]


def settings_rows(report: FaithReport) -> Rows:
    """Write how it was measured."""
    return [
        (name, "all cores" if value is None and name == "threads" else str(value))
        for name, value in report.settings.items()
    ]


def similarity_title(name: str) -> str:
    """Write the name of a likeness of maps, as people know it."""
    return {"spearman": "Spearman correlation", "ssim": "SSIM"}.get(name, name)


def verdicts(report: FaithReport) -> Rows:
    """Give the answers in a few words: of what, and what."""
    rows = [(title_of(each), each.verdict) for each in report.result.measures]
    found = report.randomisation
    said = found.verdict if found else f"Not judged: {report.not_randomised}."
    return [*rows, ("shuffled weights", said)]


def mean_rows(report: FaithReport) -> Rows:
    """Write each measure's means: how many photos, then its title and each kind of map."""
    kinds = kinds_of(report)
    counts = (str(report.result.measures[0].maps[kind].photos) for kind in kinds)
    return [
        ("photos", *counts),
        *(
            (title_of(each), *(shown_mean(each.maps[kind]) for kind in kinds))
            for each in report.result.measures
        ),
    ]


def gain_rows(report: FaithReport) -> Rows:
    """Write by how much the model's map is better than each control, its p, verdict, agreement."""
    rows: Rows = []
    for each in report.result.measures:
        gains = (
            shown_mean(each.gains[kind], as_difference=True)
            for kind in kinds_of(report)
            if kind != MODEL
        )
        agreed = each.agreement
        rows.append(
            (title_of(each), *gains, p_text(each.p_corrected), each.verdict,
             number(agreed.single, 2), number(agreed.mean_of_all, 2))
        )  # fmt: skip
    return rows


def kinds_of(report: FaithReport) -> tuple[str, ...]:
    """List the kinds of maps that there are, the model's first."""
    return tuple(report.result.measures[0].maps)


def sufficiency_rows(report: FaithReport) -> Rows:
    """Write how often the class stays when only a part of the eye is to be seen."""
    return [
        (percent(each.share, 0), shown_mean(each.kept), shown_mean(each.random),
         shown_mean(each.gain, as_difference=True))
        for each in report.result.sufficiency
    ]  # fmt: skip


def depth_rows(found: Randomisation) -> Rows:
    """Write how like the maps stay as layer after layer is shuffled, and what chance is."""
    rows = [
        (f"down to {each.layer}", *map(shown_mean, each.similarity.values()))
        for each in found.depths
    ]
    return [*rows, ("chance: another person's photo", *map(shown_mean, found.chance.values()))]
