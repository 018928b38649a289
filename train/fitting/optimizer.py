"""The optimiser and its schedule, as the options say."""

import keras

from train.runs.options import Options


def make_optimizer(
    options: Options, rate: float, *, steps: int, averaged: bool = False
) -> keras.optimizers.Optimizer:
    """Make the optimiser: its rate rises for a twentieth of the steps, then falls as a cosine.

    Args:
        options: The choices.
        rate: The highest learning rate.
        steps: The number of steps at most.
        averaged: Whether it keeps the moving average of the weights, if the options ask for it.
    """
    warmup = max(1, steps // 20)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 100, max(1, steps - warmup), alpha=0.01, warmup_target=rate, warmup_steps=warmup
    )
    average = {"use_ema": True, "ema_momentum": options.ema} if averaged and options.ema else {}
    decay = {"weight_decay": options.weight_decay}
    kind, choices = {
        "adam": (keras.optimizers.Adam, {}),
        "adamw": (keras.optimizers.AdamW, decay),
        "sgd": (keras.optimizers.SGD, {**decay, "momentum": 0.9, "nesterov": True}),
    }[options.optimizer]
    return kind(schedule, **choices, **average)
