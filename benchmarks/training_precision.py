"""Measure a step of phase 2 in float32, in bfloat16 and with its normalisations folded, in turns.

    python benchmarks/training_precision.py [--sizes 160,224] [--turns 3] [--stages conv1,conv3]

Each way is a process of its own with the whole classifier on random pictures, 32 a step, batch
normalisations frozen; of each turn the median of five steps after two that aren't counted. Prints
the photographs a second of each way, the median of its turns, and how many times as many as
TensorFlow in float32. "train" is what ``fundus-edge train`` does in bfloat16. With PyTorch or JAX
installed they are measured beside it: PyTorch's bfloat16 with channels last, the same network.
"""

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import time

import numpy as np

BATCH, STEPS = 32, 5
WAYS = {  # Keras' backend, its policy, whether the twin of ``fundus-edge train`` is trained
    "TensorFlow float32": ("tensorflow", "float32", False),
    "TensorFlow mixed_bfloat16": ("tensorflow", "mixed_bfloat16", False),
    "TensorFlow, train": ("tensorflow", "float32", True),
    "JAX float32": ("jax", "float32", False),
    "JAX mixed_bfloat16": ("jax", "mixed_bfloat16", False),
    "Keras on PyTorch mixed_bfloat16": ("torch", "mixed_bfloat16", False),
}
PYTORCH = "PyTorch bfloat16, channels last"


def keras_step(way, size, stage):
    """Make a step of one way on Keras."""
    backend, policy, twin = WAYS[way]
    os.environ |= {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    import keras

    from train.fitting.trained import what_trains
    from train.network.model import build_model, logits_of, unfreeze
    from train.runs.options import BFLOAT16, Options

    keras.mixed_precision.set_dtype_policy(policy)
    model = build_model(classes=4, size=(size, size), weights="none")
    unfreeze(model, stage=stage)
    if twin:
        model = what_trains(model, Options(precision=BFLOAT16, unfreeze=stage), size=size).model
    model = logits_of(model)
    model.compile(
        keras.optimizers.AdamW(1e-4), keras.losses.CategoricalCrossentropy(from_logits=True),
        jit_compile=backend == "jax",
    )  # fmt: skip
    return lambda images, labels: float(model.train_on_batch(images, labels))


def pytorch_step(stage):
    """Make a step on PyTorch: ResNet50 with its stages' first strides in the 1 x 1 convolutions."""
    import torch
    from torch import nn

    def unit(inputs, outputs, side, stride=1):
        conv = nn.Conv2d(inputs, outputs, side, stride, side // 2)
        return nn.Sequential(conv, nn.BatchNorm2d(outputs))

    class Block(nn.Module):
        def __init__(self, inputs, width, stride):
            super().__init__()
            self.one, self.two = unit(inputs, width, 1, stride), unit(width, width, 3)
            self.three = unit(width, 4 * width, 1)
            changes = stride > 1 or inputs != 4 * width
            self.short = unit(inputs, 4 * width, 1, stride) if changes else nn.Identity()

        def forward(self, x):
            y = torch.relu_(self.two(torch.relu_(self.one(x))))
            return torch.relu_(self.three(y) + self.short(x))

    stages, inputs = [nn.Sequential(unit(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1))], 64
    for number, (blocks, width) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512))):
        made = []
        for block in range(blocks):
            made.append(Block(inputs, width, 2 if number and not block else 1))
            inputs = 4 * width
        stages.append(nn.Sequential(*made))
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 4))
    network = nn.Sequential(*stages, head).to(memory_format=torch.channels_last).eval()
    for frozen in stages[: int(stage[-1]) - 1]:
        frozen.requires_grad_(False)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.requires_grad_(False)
    trained = [each for each in network.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(trained, 1e-4)

    def step(images, labels):
        pictures = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 128 - 1
        optimiser.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            answers = network(pictures.contiguous(memory_format=torch.channels_last))
        loss = nn.functional.cross_entropy(answers.float(), torch.from_numpy(labels))
        loss.backward()
        optimiser.step()
        return float(loss)

    return step


def measure(way, size, stage):
    """Print the photographs a second of one way, in a process of its own."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (BATCH, size, size, 3)).astype(np.uint8)
    labels = np.eye(4, dtype=np.float32)[generator.integers(0, 4, BATCH)]
    step = pytorch_step(stage) if way == PYTORCH else keras_step(way, size, stage)
    durations_s = []
    for _ in range(2 + STEPS):
        began = time.perf_counter()
        step(images, labels)
        durations_s.append(time.perf_counter() - began)
    print(BATCH / statistics.median(durations_s[2:]))


def main():
    """Measure all ways in turns, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="160,224")
    parser.add_argument("--stages", default="conv1")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--one", nargs=3)
    chosen = parser.parse_args()
    if chosen.one:
        way, size, stage = chosen.one
        measure(way, int(size), stage)
        return
    installed = {name: importlib.util.find_spec(name) for name in ("tensorflow", "jax", "torch")}
    ways = [way for way, (backend, *_) in WAYS.items() if installed[backend]]
    ways += [PYTORCH] if installed["torch"] else []
    for size in chosen.sizes.split(","):
        for stage in chosen.stages.split(","):
            rates = {way: [] for way in ways}
            for _ in range(chosen.turns):
                for way in ways:
                    command = [sys.executable, __file__, "--one", way, size, stage]
                    ran = subprocess.run(  # noqa: S603 - ourselves
                        command, capture_output=True, text=True, check=True
                    )
                    rates[way].append(float(ran.stdout.split()[-1]))
            first = statistics.median(rates[ways[0]])
            for way, found in rates.items():
                rate = statistics.median(found)
                print(
                    f"{size} pixels, from {stage} on: {way}: {rate:.1f} photographs/s "
                    f"({min(found):.1f} to {max(found):.1f}), {rate / first:.2f} times",
                    flush=True,
                )


if __name__ == "__main__":
    main()
