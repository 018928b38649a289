"""What the models that are made of a float model are compared with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from calibration.models.ask import ask
from calibration.models.evaluation_set import EvaluationSet, make_evaluation_set
from calibration.models.model_under_test import ModelUnderTest, Outputs, open_model
from edge_runtime.bundle.bundle import Bundle
from train.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Reference:
    """A float model and what it says of the photos of each split.

    ``sets`` are by split, val_dir and where there is one test_dir; ``outputs`` likewise.
    """

    tested: ModelUnderTest
    sets: Mapping[str, EvaluationSet]
    outputs: Mapping[str, Outputs]


def ask_reference(
    bundle: Bundle,
    model: str,
    dataset: Dataset,
    *,
    cache: Path | None = None,
    on_step: Callable[[str], None] = lambda step: None,
) -> Reference:
    """Ask a model of a bundle about val_dir and test_dir.

    Args:
        bundle: The bundle.
        model: The model's name.
        dataset: What the bundle was trained on.
        cache: Folder to keep in what was read of the photos; None keeps nothing.
        on_step: Called with a few words for each split of which photos are left out.

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
        if data.without_class:
            on_step(f"leaving out {data.without_class} photos of {split} that have no class")
    tested = open_model(bundle, model, threads=None)
    return Reference(tested, sets, {split: ask(tested, data) for split, data in sets.items()})
