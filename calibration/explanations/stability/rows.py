"""Write the figures of a stability record as rows of text, for the page and the console."""

from calibration.compare.similarity import MEASURES
from calibration.explanations.estimate import Estimate
from calibration.explanations.stability.record import StabilityRecord
from edge_runtime.results.shown import number, percent

Row = tuple[str, ...]

AREA_HEADS = (
    "perturbation",
    "map kept, 0 to 1",
    "class kept, 0 to 1",
    "correlation where the class held, photos",
    "where it changed, photos",
)
BASELINE_HEADS = ("in place of the photo's own map", "map kept, 0 to 1")
STRENGTH_HEADS = (
    "strength",
    "amount",
    "class changed",
    "probability moved by",
    "correlation",
    "overlap",
    "where the class held, photos",
    "where it changed, photos",
)
MOVE_HEADS = ("moved", "map kept, carried back", "as it stands", "a map that follows the eye")
MEASURE_TITLES = {
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "ssim": "SSIM",
    "iou": "overlap of the hottest tenth",
    "jensen_shannon": "Jensen-Shannon distance",
    "emd_pixels": "earth mover's distance",
    "peak_pixels": "distance of the peaks",
}


def area_rows(record: StabilityRecord) -> list[Row]:
    """List the perturbations, the one under which maps are kept least first."""
    ordered = sorted(
        record.perturbations.items(), key=lambda pair: pair[1].areas["pearson"].value or 0.0
    )
    return [
        (
            name,
            spanned(of.areas["pearson"]),
            spanned(of.class_area),
            with_photos(of.held["pearson"]),
            with_photos(of.flipped["pearson"]),
        )
        for name, of in ordered
    ]


def measure_rows(record: StabilityRecord) -> list[Row]:
    """List the area of each measure by perturbation, and of the baselines in their place."""
    areas = {name: of.areas for name, of in record.perturbations.items()}
    chance = {name: of.closeness for name, of in record.baselines.items()}
    return [
        (name, *(spanned(of[measure]) for measure in MEASURES))
        for name, of in (areas | chance).items()
    ]


def baseline_rows(record: StabilityRecord) -> list[Row]:
    """List what maps that weren't made of the photo reach."""
    return [(name, spanned(of.closeness["pearson"])) for name, of in record.baselines.items()]


def move_rows(record: StabilityRecord) -> list[Row]:
    """List the map carried back, the map as it stands, and a map that moves with the eye."""
    return [
        (name, *(spanned(each["pearson"]) for each in (of.areas, of.uncarried, of.followed)))
        for name, of in record.perturbations.items()
        if of.followed
    ]


def strength_rows(record: StabilityRecord, name: str) -> list[Row]:
    """List the strengths of one perturbation."""
    return [
        (
            str(at.strength),
            f"{at.amount:g}",
            spanned(at.changed, shares=True),
            spanned(at.probability_moved),
            spanned(at.all["pearson"]),
            spanned(at.all["iou"]),
            with_photos(at.held["pearson"]),
            with_photos(at.flipped["pearson"]),
        )
        for at in record.perturbations[name].strengths
    ]


def noise_rows(record: StabilityRecord) -> list[Row]:
    """List what noise that is hardly seen does to the map."""
    noise = record.noise
    return [
        ("map's largest change, as a share of its own size", spanned(noise.relative)),
        ("the same if it were another photo's map", spanned(noise.other_photo)),
        ("max-sensitivity, logits", spanned(noise.max_sensitivity)),
        ("local Lipschitz estimate, logits per unit of the picture (samples 0 to 1)",
         spanned(noise.lipschitz)),
    ]  # fmt: skip


def reliability_rows(record: StabilityRecord) -> list[Row]:
    """List for each measure how far photos agree on the order of the perturbations."""
    return [
        (
            MEASURE_TITLES[name],
            number(of.single) + _between(of.interval),
            number(of.halves)
            + _between(None if of.halves_from is None or of.halves_to is None
                       else (of.halves_from, of.halves_to)),
        )
        for name, of in record.reliability.items()
    ]  # fmt: skip


def left_out_rows(record: StabilityRecord) -> list[Row]:
    """Name the photos of which nothing was measured, and why."""
    return [(each.path, each.reason) for each in record.left_out]


def spanned(mean: Estimate, *, shares: bool = False) -> str:
    """Write a figure with its interval, where it has one; a dash for none."""
    if mean.value is None:
        return "-"
    said = percent(mean.value) if shares else number(mean.value)
    return said + _between(mean.interval, shares=shares)


def with_photos(mean: Estimate) -> str:
    """Write a figure with its interval and the number of its photos."""
    return f"{spanned(mean)}, {mean.photos}"


def _between(interval: tuple[float, float] | None, *, shares: bool = False) -> str:
    if interval is None:
        return ""
    low, high = (percent(end) if shares else number(end) for end in interval)
    return f" ({low} to {high})"
