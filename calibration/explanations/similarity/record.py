"""What ``explain similarity --json`` prints."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from calibration.errors import StoresDifferError
from calibration.explanations.explained import Explained
from calibration.explanations.similarity.compare_models import (
    OTHER_SEED,
    ModelLikeness,
    compare_models,
)
from calibration.explanations.similarity.matched import match, read_like
from calibration.explanations.store.info import StoreInfo, read_info
from calibration.explanations.store.read import read_store
from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable
from train.copies.progress import OnShare
from train.metrics.intervals import Bootstrap

NO_OTHER_SEED = (
    "How alike another training of the same network explains the same photos isn't known here. To "
    "know it, train again with 'fundus-edge train --seed', export it, store its explanations of "
    "the same photos with 'fundus-edge explain store', and name that store by --other-seed."
)

SAME_MODEL = (
    "A and B are of one and the same model, whose maps of a photo must be equal whatever it looks "
    "at. So their likeness tells nothing of the model, only that both stores are whole; for B name "
    "a store of the same photos by another model."
)


@dataclass(frozen=True)
class SimilarityRecord:
    """Which stores were compared, and how alike their maps are.

    ``cautions`` are sentences to read beside the figures.
    """

    first: StoreInfo
    second: StoreInfo
    other_seed: StoreInfo | None
    field_degrees: float
    resamples: int
    seed: int
    cautions: tuple[str, ...]
    result: ModelLikeness
    disclaimer: str = DISCLAIMER


def compare_stores(
    first: Path,
    second: Path,
    *,
    other_seed: Path | None = None,
    field_degrees: float,
    bootstrap: Bootstrap,
    on_share: OnShare = lambda label, share: None,
) -> tuple[SimilarityRecord, Explained, Explained]:
    """Compare the explanations of two stores.

    Args:
        first: A store.
        second: Another, of the same photos by another model.
        other_seed: A third, by a model of another training, for its control.
        field_degrees: The angle that a field of view spans.
        bootstrap: Draws of persons for the intervals, and the seed of all else drawn.
        on_share: Shows how far the comparison is.

    Returns:
        The figures, and the matched photos by either model.

    Raises:
        ExplanationStoreError: One can't be read.
        StoresDifferError: They can't be compared, or have no photo in common.
    """
    a = read_store(first)
    b = read_like(second, first, a)
    third = None if other_seed is None else read_like(other_seed, first, a)
    for path, other in ((second, b), (other_seed, third)):
        if path is not None and other is not None and not match(a, other)[0].matched:
            cause = "they have no photo in common that both grade"
            raise StoresDifferError(first, path, cause)
    infos = read_info(first), read_info(second)
    seed_info = None if other_seed is None else read_info(other_seed)
    found, *matched = compare_models(
        a,
        b,
        other_seed=third,
        field_degrees=field_degrees,
        bootstrap=bootstrap,
        on_share=partial(on_share, "comparing maps"),
    )
    record = SimilarityRecord(
        *infos,
        seed_info,
        field_degrees,
        bootstrap.resamples,
        bootstrap.seed,
        _cautions(*infos, seed_info),
        found,
    )
    return record, matched[0], matched[1]


def _cautions(first: StoreInfo, second: StoreInfo, other_seed: StoreInfo | None) -> tuple[str, ...]:
    found = []
    if first.model_sha256 == second.model_sha256 and first.gradients == second.gradients:
        found.append(SAME_MODEL)
    if other_seed is None:
        found.append(NO_OTHER_SEED)
    for name, info in (("A", first), ("B", second)):
        if other_seed and other_seed.model_sha256 == info.model_sha256:
            found.append(
                f"The store named by --other-seed is of {name}'s own model, so '{OTHER_SEED}' "
                "is none; name a store of another training."
            )
    if first.gradients != second.gradients:
        found.append(
            f"A's maps are of {first.gradients} gradients and B's of {second.gradients} ones, "
            "which differ by themselves."
        )
    if first.input_size != second.input_size:
        found.append("The models see pictures of different sizes; their maps have as many cells.")
    return tuple(found)


def model_name(info: StoreInfo) -> str:
    """Name a store's model for a person: its bundle, itself, its precision."""
    return (
        f"{printable(info.bundle)}, {printable(info.model)} ({info.precision}), identity "
        f"{info.bundle_identity[:12]}"
    )
