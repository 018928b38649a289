"""Whether a map depends on what the model has learned: shuffle its weights, and see if it changes.

The cascading randomisation of Adebayo et al., Sanity checks for saliency maps, NeurIPS 2018,
arXiv 1810.03292 (the model parameter randomisation test): layer by layer from the answer down to
the picture, each on top of those before. A map that stays as it was shows the photo, as an edge
detector would, not the model. How like two photos' maps are is the level of chance: all maps are of
round fields. Where that is high there is nothing to lose, so the test can't be passed: the maps of
a model that has learned nothing are much the same whatever the photo.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

from calibration.compare.similarity import compare_maps
from calibration.explanations.estimate import FEWEST_PERSONS, Estimate, estimate, ratio
from calibration.explanations.faithfulness.eyes import Eye, Floats
from calibration.explanations.faithfulness.shuffled_weights import (
    Layer,
    layers_from_top,
    shuffle_layer,
)
from edge_runtime.contract import CAM, IMAGE
from edge_runtime.results.shown import number
from train.metrics.intervals import Bootstrap

#: How two maps are compared, by the names of ``compare_maps``.
SIMILARITIES = ("spearman", "ssim")

#: Of the similarity beyond chance, no more than this may be left. One shuffling of all weights
#: leaves up to 0.2 by chance: it has a map of its own, the same for all photos.
MOST_LEFT = 0.25

#: No more than so alike may the maps of two persons' photos be by both similarities, nor a photo's
#: own before and after the shuffling.
MOST_ALIKE = 0.5

_OTHERS = 5  # photos with which each is compared, for the level of chance
_BATCH = 8

#: From a model to its maps of N eyes, float32 (N, C, h, w).
MapsOf = Callable[[onnx.ModelProto], Floats]


@dataclass(frozen=True)
class Depth:
    """How like the maps are when all layers from the answer down to ``layer`` are shuffled."""

    layer: str
    similarity: Mapping[str, Estimate]


@dataclass(frozen=True)
class Randomisation:
    """What becomes of maps as the weights of ``model`` are shuffled, layer by layer.

    ``chance`` is how like the maps of two persons' photos are; ``left`` what is left of the
    similarity beyond that when all layers are shuffled, 1 for maps that stay as they were, a ratio
    of means. All by the names of ``SIMILARITIES``, of ``draws`` shufflings. ``passed`` says whether
    the maps are shown to depend on the weights, None where the photos don't tell; ``verdict`` says
    it in a sentence.
    """

    model: str
    draws: int
    depths: tuple[Depth, ...]
    chance: Mapping[str, Estimate]
    left: Mapping[str, Estimate]
    passed: bool | None
    verdict: str


def randomise_weights(
    proto: onnx.ModelProto,
    eyes: Sequence[Eye],
    *,
    model: str,
    maps_of: MapsOf,
    draws: int,
    bootstrap: Bootstrap,
    depths: int | None = None,
    on_step: Callable[[], None] = lambda: None,
) -> Randomisation:
    """Shuffle a model's weights from the top, and compare its maps with those before.

    Args:
        proto: The model; it is left as it is.
        eyes: What its maps are of.
        model: Its name, for people.
        maps_of: What explains the eyes by a model.
        draws: How often all is shuffled anew.
        bootstrap: The draws of the intervals; its seed is that of the shuffling too.
        depths: How many layers to go down; None for all.
        on_step: Called after each layer.

    Raises:
        ValueError: The model has no weights that can be shuffled, as a clause.
    """
    layers = layers_from_top(proto)[:depths]
    whole = maps_of(proto)
    found = np.empty((draws, len(layers), len(eyes), len(SIMILARITIES)))
    for draw in range(draws):
        generator = np.random.default_rng([bootstrap.seed, draw])
        for place, maps in enumerate(_shuffled_maps(proto, layers, maps_of, generator)):
            found[draw, place] = [
                _similarity(whole[at, eye.top], maps[at, eye.top], eye)
                for at, eye in enumerate(eyes)
            ]
            on_step()
    similarity = found.mean(axis=0)
    chance = _chance(whole, eyes, np.random.default_rng([bootstrap.seed, draws]))
    groups = np.array([eye.person for eye in eyes])

    def figures(values: npt.NDArray[np.float64]) -> dict[str, Estimate]:
        return {
            name: estimate(values[:, place], groups, bootstrap=bootstrap)
            for place, name in enumerate(SIMILARITIES)
        }

    found_at = [
        Depth(each.name, figures(row)) for each, row in zip(layers, similarity, strict=True)
    ]
    by_chance = figures(chance)
    left = {
        name: ratio(over, beyond, groups, bootstrap=bootstrap)
        for name, over, beyond in zip(
            SIMILARITIES, (similarity[-1] - chance).T, (1 - chance).T, strict=True
        )
    }
    verdict = _verdict(found_at[-1].similarity, by_chance, left)
    return Randomisation(model, draws, tuple(found_at), by_chance, left, *verdict)


def graph_maps(eyes: Sequence[Eye], *, threads: int | None) -> MapsOf:
    """Make what runs a model in memory and takes its Grad-CAM of eyes."""
    images = np.stack([eye.image for eye in eyes])
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if threads is not None:
        options.intra_op_num_threads = threads

    def maps_of(proto: onnx.ModelProto) -> Floats:
        session = onnxruntime.InferenceSession(
            proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        parts = [
            session.run([CAM], {IMAGE: images[at : at + _BATCH]})[0]
            for at in range(0, len(images), _BATCH)
        ]
        return np.asarray(np.concatenate(parts), np.float32)

    return maps_of


def _shuffled_maps(
    proto: onnx.ModelProto,
    layers: Sequence[Layer],
    maps_of: MapsOf,
    generator: np.random.Generator,
) -> Iterator[Floats]:
    """Shuffle layer on layer of a copy, and give the maps after each."""
    shuffled = onnx.ModelProto()
    shuffled.CopyFrom(proto)
    for layer in layers:
        shuffle_layer(shuffled, layer, generator)
        yield np.nan_to_num(maps_of(shuffled), nan=0.0, posinf=0.0, neginf=0.0)


def _chance(
    maps: Floats, eyes: Sequence[Eye], generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Compare each eye's map with those of the same class on others' photos: (N, similarities).

    Photos that the model calls the same come before those that it doesn't; NaN without any.
    """
    found = np.full((len(eyes), len(SIMILARITIES)), np.nan)
    for at, eye in enumerate(eyes):
        others = [i for i, each in enumerate(eyes) if each.person != eye.person]
        alike = [i for i in others if eyes[i].top == eye.top] or others
        if alike:
            chosen = generator.permutation(alike)[:_OTHERS]
            rows = [_similarity(maps[at, eye.top], maps[i, eye.top], eye) for i in chosen]
            found[at] = np.mean(rows, axis=0)
    return found


def _similarity(first: Floats, second: Floats, eye: Eye) -> tuple[float, ...]:
    """Compare two maps; where neither shows anything for the class, they are equal."""
    size = eye.image.shape[0], eye.image.shape[1]
    distance = compare_maps(first, second, input_size=size)
    if distance is None:
        return (1.0,) * len(SIMILARITIES)
    return tuple(getattr(distance, name) for name in SIMILARITIES)


def _verdict(
    shuffled: Mapping[str, Estimate],
    chance: Mapping[str, Estimate],
    left: Mapping[str, Estimate],
) -> tuple[bool | None, str]:
    """Judge by what is left most; maps are alike where all similarities say so.

    SSIM alone is high where most of each map is empty, ranks alone where all maps share a slope.
    """
    if any(each.persons < FEWEST_PERSONS for each in chance.values()):
        return None, f"Not judged: that takes photos of {FEWEST_PERSONS} persons at least."
    alike, stayed = (min(found.values(), key=_value) for found in (chance, shuffled))
    between = f"those of different persons' photos have a likeness of {_said(alike)}"
    after = f"with all weights shuffled they have a likeness of {_said(stayed)} to those before"
    if any(each.value is None for each in left.values()):  # flat maps have no ranks, yet are one
        return False, (
            "The maps are not shown to depend on what the model has learned, for they are the "
            "same map whatever the photo."
        )
    if _value(alike) > MOST_ALIKE:
        return False, (
            "The maps are not shown to depend on what the model has learned, for they hardly "
            f"depend on the photo: {between}, as those of a model that has learned nothing do, "
            f"and {after}."
        )
    remains = max(left.values(), key=lambda each: _ends(each)[1])
    share = f"{_said(remains)} of their likeness beyond chance is left"
    if _ends(remains)[0] > MOST_LEFT or _ends(stayed)[0] > MOST_ALIKE:
        return False, (
            "The maps do not depend on what the model has learned, so they don't explain it: "
            f"{after}, and {share}."
        )
    if _ends(remains)[1] < MOST_LEFT and max(_ends(alike)[1], _ends(stayed)[1]) < MOST_ALIKE:
        return True, f"The maps depend on what the model has learned: {share}, and {between}."
    return None, (
        f"These photos don't tell whether the maps depend on the weights: {share}; {after}; "
        f"{between}."
    )


def _value(each: Estimate) -> float:
    return each.value or 0.0


def _ends(each: Estimate) -> tuple[float, float]:
    """Give the interval's ends; the value where it is the same for all, as of no change."""
    return each.interval or (_value(each), _value(each))


def _said(each: Estimate) -> str:
    return f"{number(each.value, 2)} ({' to '.join(number(end, 2) for end in _ends(each))})"
