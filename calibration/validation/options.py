"""What a validation compares, and how it is made."""

from dataclasses import dataclass
from pathlib import Path

from train.metrics.intervals import Bootstrap


@dataclass(frozen=True)
class Settings:
    """How a validation is made; none of it changes what is compared.

    ``threads`` of one inference, ``rounds`` of timing in turns, ``processes`` for each model's load
    time and memory, ``resamples`` of groups for intervals.
    """

    threads: int = 1
    rounds: int = 30
    processes: int = 3
    resamples: int = 2000
    seed: int = 0

    @property
    def bootstrap(self) -> Bootstrap:
        """The draws of groups."""
        return Bootstrap(self.resamples, self.seed)


@dataclass(frozen=True)
class ValidationOptions:
    """What is compared with what, on which photos, by which limits.

    ``split`` is "val_dir", "test_dir" or ``evaluation_set.ALL_PHOTOS``. ``model`` is one model, by
    name or file, None for all but the original. ``reference`` is the original, see
    ``open_reference``, and ``second`` another training of it, likewise, for the natural spread of
    its maps. ``gates`` is a file of limits, see ``read_gates``; ``cache`` a folder to keep in what
    was read of the photos, None keeps nothing.
    """

    split: str = "val_dir"
    model: str | None = None
    reference: str | None = None
    second: str | None = None
    gates: Path | None = None
    settings: Settings = Settings()
    cache: Path | None = None


#: All models but the original on val_dir, by the bundle's own limits.
DEFAULT_OPTIONS = ValidationOptions()
