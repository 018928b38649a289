"""Add to a bundle what its training photographs look like."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from calibration.familiarity.learn import (
    FEWEST_TRAINING,
    FEWEST_VALIDATION,
    Run,
    learn_familiarity,
)
from edge_runtime.bundle.familiarity import pack_familiarity
from edge_runtime.bundle.manifest import Manifest
from train.data.dataset import Dataset


def add_familiarity(
    manifest: Manifest,
    files: Mapping[str, bytes | Path],
    run: Run,
    dataset: Dataset,
    *,
    seed: int,
    on_step: Callable[[str], None],
) -> tuple[Manifest, dict[str, bytes | Path]]:
    """Learn it from the features of a model, and add its file.

    Args:
        manifest: Of the bundle.
        files: Its files, without one of familiarity.
        run: The default model.
        dataset: What it was trained on.
        seed: As for ``learn_familiarity``.
        on_step: Called with a few words at each step.

    Returns:
        The manifest and the files; without familiarity where there are too few photographs.

    Raises:
        PhotoUnreadableError: A photo can't be read.
    """
    on_step("learning what the training photographs look like")
    learned = learn_familiarity(run, dataset, size=manifest.input_size, seed=seed)
    if learned is None:
        on_step(
            f"fewer than {FEWEST_TRAINING} photos in train_dir or {FEWEST_VALIDATION} in val_dir: "
            "the bundle can't tell which photos are unlike them"
        )
        return replace(manifest, familiarity=None), dict(files)
    entry, familiarity = learned
    return replace(manifest, familiarity=entry), {
        **files, entry.file: pack_familiarity(familiarity)
    }  # fmt: skip
