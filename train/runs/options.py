"""The choices of a training."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from click import Choice, FloatRange, IntRange

from edge_runtime.errors import UnknownNameError
from edge_runtime.photo.patient import PATIENT_PATTERN, compile_pattern
from train.errors import OptionInvalidError
from train.runs.sizes import read_sizes

#: What ``Options.precision`` may be; "auto" is settled when a training begins.
AUTO, FLOAT32, BFLOAT16 = "auto", "float32", "bfloat16"


def _choice(
    default: Any,
    help: str,  # noqa: A002 - as click calls it
    type: Choice[str] | IntRange | FloatRange | None = None,  # noqa: A002
    *,
    metavar: str | None = None,
) -> Any:
    return field(default=default, metadata={"help": help, "type": type, "metavar": metavar})


@dataclass(frozen=True, kw_only=True)
class Options:
    """Every choice of a training, with its default, its bounds and what it is.

    ``fundus-edge train`` makes its options from these fields, and ``config.json`` records them.

    Raises:
        OptionInvalidError: A value is of another type or out of its bounds.
    """

    weights: str = _choice(
        "imagenet",
        "Starting weights of the backbone, handed to Keras.",
        metavar="imagenet|none|PATH",
    )
    input_size: int = _choice(224, "Pixels a side.", IntRange(32, 1024))
    batch: int = _choice(32, "Photos a step.", IntRange(1))
    optimizer: str = _choice("adamw", "Optimiser of both phases.", Choice(("adamw", "adam", "sgd")))
    weight_decay: float = _choice(1e-4, "Weight decay; not for adam.", FloatRange(0))
    label_smoothing: float = _choice(
        0.1, "Share of each label that is spread over all classes.", FloatRange(0, 0.9)
    )
    whole_share: float = _choice(
        0.3,
        "Share of the loss that compares a photo with all classes; the rest compares it with those "
        "of its source. Without sources both are the same.",
        FloatRange(0, 1),
    )
    cell_temper: float = _choice(
        0.5,
        "With two sources or more, each cell of a source and a class is drawn by its number of "
        "photos to this power; 1 shows every photo once an epoch.",
        FloatRange(0, 1),
    )
    leave_out: str = _choice(
        "",
        "Sources to train without, with commas between them; what the model makes of their photos "
        "is measured at the end.",
        metavar="SOURCE",
    )
    class_weights: str = _choice(
        "none",
        "Weights of the classes in the loss: none, or balanced by their numbers.",
        Choice(("none", "balanced")),
    )
    augmentation: float = _choice(
        1.0, "Strength of the augmentation; 0 only mirrors and turns.", FloatRange(0, 2)
    )
    variants: int = _choice(4, "Variants of each photo: itself and augmented ones.", IntRange(1))
    head_epochs: int = _choice(20, "Epochs of phase 1 at most.", IntRange(1))
    head_learning_rate: float = _choice(
        1e-3, "Highest learning rate of phase 1.", FloatRange(1e-12)
    )
    fine_epochs: int = _choice(10, "Epochs of phase 2 at most; 0 leaves it out.", IntRange(0))
    learning_rate: float = _choice(1e-4, "Highest learning rate of phase 2.", FloatRange(1e-12))
    ema: float = _choice(
        0.0,
        "Phase 2 validates and keeps the moving average of the weights, of which each step leaves "
        "this share as it was, such as 0.999; 0 for none.",
        FloatRange(0, 0.99999),
    )
    sizes: str = _choice(
        "",
        "Small pictures first: pixels a side in phase 2, each with the share of its epochs after "
        "which it ends, such as 160:0.5,224:1. The last is --input-size, and only its epochs are "
        "compared for the best. Phase 2 then computes the frozen stages anew in every epoch.",
        metavar="SIZE:SHARE,...",
    )
    precision: str = _choice(
        AUTO,
        "What phase 2 computes the backbone in; its weights stay float32. bfloat16 takes about "
        "half of the time where the processor multiplies it by itself (AVX512-BF16, AMX), so auto "
        "takes it there, with TensorFlow.",
        Choice((AUTO, FLOAT32, BFLOAT16)),
    )
    unfreeze: str = _choice("conv5", "First backbone stage that phase 2 trains.", metavar="STAGE")
    patience: int = _choice(
        6, "Epochs without a lower validation loss before a phase ends.", IntRange(1)
    )
    patients: str = _choice(
        PATIENT_PATTERN,
        "Pattern that tells the patient from a file's name, as 'fundus-edge audit' takes it.",
        metavar="REGEX|none",
    )
    allow_leaks: bool = _choice(
        False,
        "Train though copies or patients stand in more than one split, and say so in the results.",
    )
    cache_gb: float = _choice(
        8.0,
        "Disk space for what the frozen stages give; 0 computes it anew in every epoch of phase 2.",
        FloatRange(0),
    )
    seed: int = _choice(0, "Seed of all randomness.", IntRange(0, 2**32 - 1))

    def __post_init__(self) -> None:
        for each in fields(self):
            value, kind = getattr(self, each.name), type(each.default)
            if kind is float and type(value) is int:
                object.__setattr__(self, each.name, float(value))
            elif type(value) is not kind:
                raise OptionInvalidError(each.name, value, _KINDS[kind])
            if kind is float and not math.isfinite(value):
                raise OptionInvalidError(each.name, value, "a finite number")
            within = each.metadata["type"]
            if isinstance(within, Choice) and value not in within.choices:
                raise OptionInvalidError(each.name, value, f"one of {', '.join(within.choices)}")
            if isinstance(within, IntRange | FloatRange):
                low, high = within.min, within.max
                if value < low or (high is not None and value > high):
                    bounds = f"at least {low}" if high is None else f"from {low} to {high}"
                    raise OptionInvalidError(each.name, value, bounds)
        try:
            self.patient_pattern and compile_pattern(self.patient_pattern)
        except ValueError as error:
            raise OptionInvalidError("patients", self.patients, f"usable: {error}") from error
        try:
            self.epochs_by_size  # noqa: B018 - it is read to be checked
        except ValueError as error:
            raise OptionInvalidError("sizes", self.sizes, str(error)) from error

    @property
    def epochs_by_size(self) -> tuple[tuple[int, int], ...]:
        """After how many epochs of phase 2 each size of picture ends."""
        return read_sizes(self.sizes, input_size=self.input_size, epochs=self.fine_epochs)

    @property
    def patient_pattern(self) -> str | None:
        """The pattern for ``train.data.patients``, None for none."""
        return None if self.patients == "none" else self.patients


_KINDS = {bool: "true or false", str: "text", int: "a whole number", float: "a number"}


def options_from(values: Mapping[str, object]) -> Options:
    """Make options of what ``config.json`` holds under "options"; what isn't named is the default.

    Raises:
        UnknownNameError: There is no such option.
        OptionInvalidError: A value is of another type or out of its bounds.
    """
    known = tuple(each.name for each in fields(Options))
    for name in values:
        if name not in known:
            raise UnknownNameError("training option", name, known)
    choices: Mapping[str, Any] = values  # their types are checked as they are taken
    return Options(**choices)
