"""Fit the network that finds optic disc and fovea, as docs/optic-disc.md tells (about an hour).

python benchmarks/fit_optic_disc.py DATA OUT

DATA holds idrid-segmentation and multi-camera. Into OUT come teacher.npz, general.npz (which saw
none of the 54 photographs with masks), fold0.npz to fold2.npz (each saw two thirds of them) and
landmarks.npz (all), which belongs into edge_runtime/explain. What is there already is kept.
"""

import argparse
import csv
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from landmark_photos import Marked, draw_marked, read_idrid, read_round, vary

from edge_runtime.explain.eye_side import side_in_name
from edge_runtime.explain.landmark_network import CELLS, CONVOLUTIONS, SIDE, LandmarkNetwork
from edge_runtime.explain.optic_disc import find_landmarks

Tensor = keras.KerasTensor

FOLDS = 3
_WIDTHS = {"cells": 12, "half": 16, "quarter": 24, "eighth": 24}
_BATCH = 24
_PROPOSED = 0.6  # confidence from which on a network's own answer is learned from
_TURNED = "eyepacs"  # its photos are partly turned upside down, so their names' sides don't count
_WIDE = "tvhl-C"  # photos of so wide a field that the first network must look at its middle


def main() -> None:
    """Fit what isn't there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    idrid = list(read_idrid(options.data / "idrid-segmentation").values())

    def stage(name: str, make: Callable[[], LandmarkNetwork]) -> LandmarkNetwork:
        path = options.out / f"{name}.npz"
        if not path.exists():
            print(f"fitting {name}", flush=True)
            make().save(path)
        return LandmarkNetwork.load(path)

    without = [
        [photo for index, photo in enumerate(idrid) if index % FOLDS != fold]
        for fold in range(FOLDS)
    ]
    teacher = stage("teacher", lambda: fit(without[0], steps=1000, seed=0))
    others = options.data / "multi-camera"
    general = stage("general", lambda: fit(propose(teacher, others), steps=3000, seed=1))
    proposed = propose(general, others)

    drawn = draw_marked(60)

    def tuned(photos: Sequence[Marked]) -> LandmarkNetwork:
        parts = (proposed, 0.66), (photos, 0.3), (drawn, 0.04)
        weights = np.concatenate([np.full(len(part), share / len(part)) for part, share in parts])
        shown = [*proposed, *photos, *drawn]
        return fit(shown, weights, steps=400, seed=2, start=general, rate=1e-3)

    for fold in range(FOLDS):
        stage(f"fold{fold}", lambda fold=fold: tuned(without[fold]))
    stage("landmarks", lambda: tuned(idrid))


def propose(network: LandmarkNetwork, folder: Path) -> list[Marked]:
    """Mark the training photos of multi-camera where a network is sure and the name agrees."""
    proposed = []
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "train"]
    for row in rows:
        photo = read_round(folder / row["file"])
        found = find_landmarks(photo.image, photo.inside, network=network)
        zoom = 1.0
        if row["source"] == _WIDE:
            edge = len(photo.image) // 4
            middle = slice(edge, -edge)
            closer = find_landmarks(
                photo.image[middle, middle].copy(), photo.inside[middle, middle].copy(),
                network=network,
            )  # fmt: skip
            if closer.disc_confidence > found.disc_confidence:
                found, zoom = closer, 0.5
        if found.disc is None or found.disc_confidence < _PROPOSED:
            continue
        named = side_in_name(row["file"])
        sided = named and abs(found.disc[0]) > 0.15 and row["source"] not in (_TURNED, _WIDE)
        if sided and (found.disc[0] > 0) != (named == "right"):
            continue
        fovea = None if found.fovea is None else np.array(found.fovea) * zoom
        marked = replace(photo, disc=np.array(found.disc) * zoom, fovea=fovea)
        radius = found.disc_diameter / 2 * zoom
        proposed.append(replace(marked, radius=radius, fovea_known=fovea is not None))
    print(f"{len(proposed)} of {len(rows)} photos marked by the network so far", flush=True)
    return proposed


def fit(
    photos: Sequence[Marked],
    weights: npt.NDArray[np.float64] | None = None,
    *,
    steps: int,
    seed: int,
    start: LandmarkNetwork | None = None,
    rate: float = 3e-3,
) -> LandmarkNetwork:
    """Fit by cross-entropy over the places, and the radius by its logarithm; AdamW.

    The result is the running mean of the weights over about the last hundred steps.
    """
    keras.utils.set_random_seed(seed)
    model = _build()
    if start:
        for name in CONVOLUTIONS:
            model.get_layer(name).set_weights([start.kernels[name], start.biases[name]])
    schedule = keras.optimizers.schedules.CosineDecay(
        1e-4, steps - 100, alpha=0.01, warmup_target=rate, warmup_steps=100
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-3, clipnorm=1.0)
    step = tf.function(lambda *batch: _step(model, optimizer, *batch))
    batches: queue.Queue[tuple[npt.NDArray[np.float32], ...]] = queue.Queue(6)
    done = threading.Event()
    generator = np.random.default_rng(seed)

    def feed() -> None:
        while not done.is_set():
            batches.put(_batch(photos, weights, generator))

    threading.Thread(target=feed, daemon=True).start()
    mean: list[npt.NDArray[np.float32]] = []
    losses = []
    for number in range(steps):
        losses.append(float(step(*batches.get())))
        now = [weight.numpy() for weight in model.trainable_variables]
        mean = [a + 0.01 * (b - a) for a, b in zip(mean or now, now, strict=True)]
        if number < steps // 3:
            mean = now
        if (number + 1) % 200 == 0:
            print(f"{number + 1} steps, loss {np.mean(losses[-200:]):.3f}", flush=True)
    done.set()
    for variable, value in zip(model.trainable_variables, mean, strict=True):
        variable.assign(value)
    layers = {name: model.get_layer(name).get_weights() for name in CONVOLUTIONS}
    return LandmarkNetwork(
        {name: kernel for name, (kernel, _) in layers.items()},
        {name: bias for name, (_, bias) in layers.items()},
    )


def _batch(
    photos: Sequence[Marked],
    weights: npt.NDArray[np.float64] | None,
    generator: np.random.Generator,
) -> tuple[npt.NDArray[np.float32], ...]:
    drawn = generator.choice(len(photos), _BATCH, p=weights)
    shown = [vary(photos[index], generator) for index in drawn]
    return (
        np.stack([seen for seen, _ in shown]),
        np.stack([_goal(photo.disc, spread=0.03) for _, photo in shown]),
        np.stack([_goal(photo.fovea, spread=0.04) for _, photo in shown]),
        np.array([photo.fovea_known for _, photo in shown], np.float32),
        np.array([np.log(photo.radius) for _, photo in shown], np.float32),
    )


def _goal(place: npt.NDArray[np.float64] | None, *, spread: float) -> npt.NDArray[np.float32]:
    """Spread a landmark over the cells, the last is "not visible"."""
    wanted = np.zeros(CELLS * CELLS + 1, np.float32)
    if place is None:
        wanted[-1] = 1
        return wanted
    at = (np.arange(CELLS) - (CELLS - 1) / 2) / (CELLS / 2)
    far = (at - place[0]) ** 2 + ((at - place[1]) ** 2)[:, None]
    near = np.exp(-far / (2 * spread**2)).ravel()
    wanted[:-1] = near / near.sum()
    return wanted


def _step(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    seen: tf.Tensor,
    disc: tf.Tensor,
    fovea: tf.Tensor,
    fovea_known: tf.Tensor,
    log_radius: tf.Tensor,
) -> tf.Tensor:
    with tf.GradientTape() as tape:
        answer = tf.reshape(model(seen, training=True), (_BATCH, -1, 3))
        unseen = tf.zeros((_BATCH, 1))
        entropy = tf.nn.softmax_cross_entropy_with_logits
        of_disc = entropy(disc, tf.concat([answer[..., 0], unseen], 1))
        of_fovea = entropy(fovea, tf.concat([answer[..., 1], unseen], 1))
        off = tf.abs(answer[..., 2] - log_radius[:, None])
        of_radius = tf.reduce_sum(disc[:, :-1] * off, axis=1)
        loss = tf.reduce_mean(of_disc + 0.7 * fovea_known * of_fovea + 0.7 * of_radius)
    variables = model.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
    return loss


def _build() -> keras.Model:
    """Build in Keras what LandmarkNetwork computes in NumPy."""

    def convolve(
        name: str, values: Tensor, *, span: int = 3, activation: str | None = "relu"
    ) -> Tensor:
        width = _WIDTHS[name.removeprefix("to_").split("_")[0]]
        return keras.layers.Conv2D(
            width, span, padding="same", name=name, activation=activation,
            kernel_initializer="he_normal",
        )(values)  # fmt: skip

    def join(name: str, deep: Tensor, skip: Tensor) -> Tensor:
        raised = convolve(name, deep, span=1, activation=None)
        return keras.layers.Add()([keras.layers.UpSampling2D()(raised), skip])

    halve = keras.layers.MaxPool2D
    seen = keras.Input((SIDE, SIDE, 4))
    folded = keras.layers.Reshape((CELLS, 2, CELLS, 2, 4))(seen)
    folded = keras.layers.Reshape((CELLS, CELLS, 16))(keras.layers.Permute((1, 3, 2, 4, 5))(folded))
    cells = convolve("cells", folded)
    half = convolve("half_2", convolve("half_1", halve()(cells)))
    quarter = convolve("quarter_2", convolve("quarter_1", halve()(half)))
    deep = convolve("eighth_2", convolve("eighth_1", halve()(quarter)))
    quarter = convolve("quarter_3", join("to_quarter", deep, quarter))
    half = convolve("half_3", join("to_half", quarter, half))
    cells = convolve("cells_2", join("to_cells", half, cells))
    first = keras.initializers.Constant([-6.0, -6.0, -1.9])
    answer = keras.layers.Conv2D(3, 1, name="answer", bias_initializer=first)(cells)
    return keras.Model(seen, answer)


if __name__ == "__main__":
    main()
