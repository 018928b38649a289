"""Measure both phases of the training beside plain ``model.fit`` on the same work, in turns.

    python benchmarks/training_speed.py DATASET WEIGHTS [PHOTOS] [SEEDS]

Phase 1: 20 epochs over 4 variants of each photo, feature computation included. Phase 2: epochs
of the last stage. Both ways see the same photos of train_dir (PHOTOS of them, 256 by default) and
are validated on val_dir; the accuracies are printed for each seed, so that the spread is seen.
"""

import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import keras
import numpy as np

from train.data.dataset import balanced_sample, load_photos, read_dataset
from train.data.sources import classes_held, source_labels
from train.fitting.augment import augment
from train.fitting.batches import Batches
from train.fitting.examples import Examples
from train.fitting.fit import fit
from train.fitting.phase import Work, make_optimizer
from train.network.model import build_model, unfreeze
from train.runs.options import Options
from train.runs.state import load_history

SIZE = (224, 224)
HEAD_EPOCHS, FINE_EPOCHS, VARIANTS = 20, 4, 4


class Clock(keras.callbacks.Callback):
    """Takes the time of each epoch, its validation included."""

    def __init__(self):
        super().__init__()
        self.durations_s = []

    def on_epoch_begin(self, epoch, logs=None):
        """Begin."""
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """End."""
        self.durations_s.append(time.perf_counter() - self._began)


def plain_fit(model, train, val, options, *, rate, epochs, every_variant):
    """Run Keras's own fit on photos that are augmented when they are asked for.

    An epoch shows every variant of each photo, or one of them in turn; the photo itself is one.
    """
    photos = len(train.images)

    def load(chosen, epoch, _):
        variants = chosen // photos if every_variant else (chosen + epoch) % VARIANTS
        return np.stack(
            [
                augment(train.images[row % photos], np.random.default_rng((epoch, int(row))))
                if variant
                else train.images[row % photos]
                for row, variant in zip(chosen, variants, strict=True)
            ]
        )

    labels = np.tile(train.labels[:, :4], (VARIANTS if every_variant else 1, 1))
    batches = Batches(load, labels, batch=options.batch, seed=options.seed)
    model.compile(
        make_optimizer(options, rate, steps=epochs * len(batches)),
        keras.losses.CategoricalCrossentropy(label_smoothing=options.label_smoothing),
        metrics=["accuracy"],
        jit_compile=False,
    )
    clock = Clock()
    history = model.fit(
        batches, validation_data=(val.images, val.labels[:, :4]), epochs=epochs, shuffle=False,
        verbose=0, callbacks=[clock],
    )  # fmt: skip
    return clock.durations_s, history.history["val_accuracy"][-1]


def main():
    """Measure and print."""
    root, weights = Path(sys.argv[1]), sys.argv[2]
    photos = int(sys.argv[3]) if len(sys.argv) > 3 else 256
    seeds = int(sys.argv[4]) if len(sys.argv) > 4 else 2
    dataset = read_dataset(root)

    def examples(chosen):
        labels = source_labels(chosen, 4, classes_held(chosen, 4))
        one_cell, even = np.zeros(len(chosen), np.intp), np.ones(len(chosen), np.float32)
        return Examples(load_photos(chosen, size=SIZE), labels, one_cell, even)

    train = examples(balanced_sample(dataset, photos=photos, seed=0))
    val = examples(dataset.splits["val_dir"][::2])
    ratios = {"phase 1": [], "phase 2": []}
    for seed in range(seeds):
        options = Options(
            weights=weights, variants=VARIANTS, head_epochs=HEAD_EPOCHS, fine_epochs=FINE_EPOCHS,
            patience=100, seed=seed,
        )  # fmt: skip
        keras.utils.set_random_seed(seed)
        ours = build_model(classes=4, size=SIZE, weights=weights)
        run = Path(tempfile.mkdtemp())
        clock, marks = Clock(), {}

        def callbacks(phase, clock=clock, marks=marks):
            marks[phase] = time.perf_counter()
            return [clock] if phase == "fine" else []

        began = time.perf_counter()
        fit(Work(ours, train, val, options, load_history(run), callbacks=callbacks))
        phase_1_s = marks["fine"] - began
        rows = (run / "history.csv").read_text().splitlines()
        shutil.rmtree(run)
        keras.utils.set_random_seed(seed)
        model = build_model(classes=4, size=SIZE, weights=weights)
        rates = (options.head_learning_rate, options.learning_rate)
        plain_1, accuracy_1 = plain_fit(
            model, train, val, options, rate=rates[0], epochs=HEAD_EPOCHS, every_variant=True
        )
        unfreeze(model, stage=options.unfreeze)
        plain_2, accuracy_2 = plain_fit(
            model, train, val, options, rate=rates[1], epochs=FINE_EPOCHS, every_variant=False
        )
        # The first epoch of a phase compiles the graph.
        ratios["phase 1"].append(sum(plain_1) / phase_1_s)
        ratios["phase 2"].append(np.median(plain_2[1:]) / np.median(clock.durations_s[1:]))
        print(
            f"seed {seed}: phase 1 {phase_1_s:.0f} s, plain {sum(plain_1):.0f} s; phase 2 epoch "
            f"{np.median(clock.durations_s[1:]):.1f} s, plain {np.median(plain_2[1:]):.1f} s; "
            f"val accuracy {rows[HEAD_EPOCHS].split(',')[5]:.5} and {rows[-1].split(',')[5]:.5}, "
            f"plain {accuracy_1:.3f} and {accuracy_2:.3f}"
        )
    for phase, values in ratios.items():
        print(f"{phase}: {np.median(values):.2f}x as fast as plain model.fit")
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{len(train.images)} photos; peak RSS of both ways {peak_kib / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
