"""What is measured of a model, on which photos, and where to."""

from dataclasses import dataclass
from pathlib import Path

from train.metrics.intervals import BOOTSTRAP, Bootstrap


@dataclass(frozen=True)
class EvaluationOptions:
    """The choices of an evaluation.

    ``split`` is one of ``train.data.dataset.SPLITS``, or "all"; None for test_dir, or for all of
    plain class folders that the model wasn't trained on. ``patients`` is a pattern of
    ``train.data.patients``, or "none"; None for that of the training. ``out`` is the folder to
    make, None to write nothing; ``cache`` a folder to keep in what was read of the photos, None
    keeps nothing. ``bootstrap`` are the draws of the groups.
    """

    split: str | None = None
    patients: str | None = None
    out: Path | None = None
    bootstrap: Bootstrap = BOOTSTRAP
    cache: Path | None = None


#: The model's held-out photos, nothing written.
DEFAULT_OPTIONS = EvaluationOptions()
