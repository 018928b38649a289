"""Ask models about the photos of an evaluation set, the original first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from calibration.models.evaluation_set import EvaluationSet, Images, make_evaluation_set
from calibration.models.model_under_test import ModelUnderTest, Outputs, open_model, run_model
from edge_runtime.bundle.bundle import Bundle
from train.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Reference:
    """A float model, which others are made of, and what it says of the photos of each split.

    ``sets`` are by split, val_dir and where there is one test_dir; ``outputs`` likewise.
    """

    tested: ModelUnderTest
    sets: Mapping[str, EvaluationSet]
    outputs: Mapping[str, Outputs]


def ask(
    tested: ModelUnderTest,
    data: EvaluationSet,
    *,
    others: bool = False,
    change: Callable[[Images], Images] = lambda images: images,
    on_photo: Callable[[int], None] = lambda count: None,
) -> Outputs:
    """Ask a model about the photos that have a class, or about what ``change`` makes of them.

    And about the ``others`` too, if wanted. ``on_photo`` is called with the number of photos after
    each batch.
    """
    size = tested.input_size
    said = run_model(tested, change(data.images(size)), data.classes, on_photo=on_photo)
    if not others or not data.others:
        return said
    return replace(
        said, others=run_model(tested, data.other_images(size), data.classes, on_photo=on_photo)
    )


def ask_reference(
    bundle: Bundle,
    model: str,
    dataset: Dataset,
    *,
    cache: Path | None = None,
    on_step: Callable[[str], None] = lambda step: None,
) -> Reference:
    """Ask a model of a bundle about val_dir and test_dir of what the bundle was trained on.

    ``cache`` is a folder to keep in what was read of the photos, None keeps nothing. ``on_step`` is
    called with a few words for each split of which photos are left out.

    Raises:
        DatasetError: A split has no photo with a class.
    """
    sets = {
        split: make_evaluation_set(
            dataset, split, dataset.splits[split], bundle.manifest.classes, cache=cache
        )
        for split in ("val_dir", "test_dir")
        if split in dataset.splits
    }
    for split, data in sets.items():
        if data.others:
            on_step(f"leaving out {len(data.others)} photos of {split} that have no class")
    tested = open_model(bundle, model, threads=None)
    return Reference(tested, sets, {split: ask(tested, data) for split, data in sets.items()})
