"""What phase 2 trains: the model itself, or a twin of it."""

from collections.abc import Callable
from dataclasses import dataclass

import keras

from train.network.bfloat16 import bfloat16_twin, give_back
from train.network.model import HEAD, backbone_of, build_model, copy_backbone, unfreeze
from train.runs.options import BFLOAT16, Options


@dataclass(frozen=True)
class Trained:
    """A classifier to train, and what gives the run's model the weights that it has learned."""

    model: keras.Model
    give_back: Callable[[], None]


def what_trains(model: keras.Model, options: Options, *, size: int) -> Trained:
    """Choose what to train at a size of picture: the model itself where nothing speaks against it.

    Args:
        model: As ``build_model`` makes it, unfrozen.
        options: The choices; their precision is settled.
        size: Pixels a side.
    """
    if options.precision != BFLOAT16 and size == model.input.shape[1]:
        return Trained(model, lambda: None)
    backbone = backbone_of(model)
    in_bfloat16 = options.precision == BFLOAT16
    copy = bfloat16_twin(backbone, size) if in_bfloat16 else copy_backbone(backbone, size)
    # The head stays float32: it takes no time, and its logits are what the loss is made of.
    twin = build_model(
        classes=model.output.shape[-1], size=(size, size), weights="none", backbone=copy
    )
    for name in HEAD:
        twin.get_layer(name).set_weights(model.get_layer(name).get_weights())
    unfreeze(twin, stage=options.unfreeze)

    def give() -> None:
        if in_bfloat16:
            give_back(copy, backbone)
        else:
            backbone.set_weights(copy.get_weights())
        for name in HEAD:
            model.get_layer(name).set_weights(twin.get_layer(name).get_weights())

    return Trained(twin, give)
