"""The optimiser and its schedule, as the options say."""

import keras

from train.options import Options


def make_optimizer(options: Options, rate: float, *, steps: int) -> keras.optimizers.Optimizer:
    """Make the optimiser: its rate rises for a twentieth of the steps, then falls as a cosine."""
    warmup = max(1, steps // 20)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 100, max(1, steps - warmup), alpha=0.01, warmup_target=rate, warmup_steps=warmup
    )
    if options.optimizer == "adam":
        return keras.optimizers.Adam(schedule)
    if options.optimizer == "sgd":
        decay = options.weight_decay
        return keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, weight_decay=decay)
    return keras.optimizers.AdamW(schedule, weight_decay=options.weight_decay)
