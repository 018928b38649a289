"""What a training works with, and what it keeps beside its results."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import keras

from train.data.dataset import Dataset
from train.fitting.examples import Examples
from train.runs.config import RunConfig

if TYPE_CHECKING:  # it needs TensorFlow
    from train.fitting.multiworker import Workers


@dataclass(frozen=True)
class Keep:
    """What a training keeps beside its results.

    ``features`` is a folder in which other trainings find what the frozen backbone makes of the
    photos, None keeps that for this one alone; ``cache`` one for what was read of the photos, None
    keeps nothing; ``tensorboard`` says whether to write TensorBoard logs into the run folder.
    """

    features: Path | None = None
    cache: Path | None = None
    tensorboard: bool = False


#: The results alone.
NOTHING_MORE = Keep()


@dataclass(frozen=True)
class Plan:
    """All that a training works with: the model to fit, and by split the photos, read.

    ``groups`` tell of each photo which group of copies and patients it stands in.
    """

    run: Path
    config: RunConfig
    dataset: Dataset
    groups: Mapping[Path, int]
    examples: Mapping[str, Examples]
    model: keras.Model
    keep: Keep = NOTHING_MORE
    workers: "Workers | None" = None
