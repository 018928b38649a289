"""The choices of a training."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Every choice of a training, with the default that ``fundus-edge train`` shows."""

    weights: str = "imagenet"
    input_size: int = 224
    batch: int = 32
    variants: int = 4
    head_epochs: int = 30
    head_learning_rate: float = 1e-3
    fine_epochs: int = 10
    learning_rate: float = 1e-5
    unfreeze: str = "conv5"
    label_smoothing: float = 0.1
    patience: int = 4
    seed: int = 0
