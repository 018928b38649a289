"""Whether a model's maps show what it really looks at: the record of a measurement."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from calibration.explanations.chance_test import corrected_p
from calibration.explanations.estimate import Estimate, against_chance, estimate
from calibration.explanations.faithfulness.eyes import Ask, Eye
from calibration.explanations.faithfulness.map_orders import CONTROLS, control_maps, raised
from calibration.explanations.faithfulness.shown_in_part import (
    KEPT,
    LESS_IS_BETTER,
    REMOVED,
    Said,
    mean_of,
    say,
    stacked,
)
from calibration.explanations.reliability import Reliability, reliability
from train.metrics.intervals import Bootstrap

#: The name of the maps that are measured, beside those of ``CONTROLS``.
MODEL = "model"

_Points = dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class FaithOptions:
    """How maps are measured: see the options of ``fundus-edge explain faithfulness``."""

    steps: int = 10
    draws: int = 2
    seed: int = 0
    threads: int | None = None


@dataclass(frozen=True)
class Measure:
    """One measure on the scale of the "probability" or the "logit" of the named class.

    ``maps`` has its mean for each kind of map. ``gains`` has by how much the model's map is better
    than each control on the same photos, above zero where it is. ``verdict`` is on that over the
    random maps, and ``agreement`` on how far the photos have the kinds of maps in one order.
    """

    name: str
    scale: str
    less_is_better: bool
    maps: Mapping[str, Estimate]
    gains: Mapping[str, Estimate]
    p_corrected: float
    verdict: str
    agreement: Reliability


@dataclass(frozen=True)
class Sufficiency:
    """How often the class stays when the model sees the hottest ``share`` of the eye alone.

    ``random`` is the same for random areas of equal size, ``gain`` the difference, by photo.
    """

    share: float
    kept: Estimate
    random: Estimate
    gain: Estimate


@dataclass(frozen=True)
class Curves:
    """Means over photos by share of the eye, and by kind of map and scale ("model probability")."""

    shares: tuple[float, ...]
    deletion: _Points
    insertion: _Points
    removed: tuple[float, ...]
    hottest_first: _Points
    coldest_first: _Points


@dataclass(frozen=True)
class Faithfulness:
    """What a model says of N eyes in part, in the order of its maps and of others."""

    photos: int
    persons: int
    measures: tuple[Measure, ...]
    sufficiency: tuple[Sufficiency, ...]
    curves: Curves
    controls: Mapping[str, str] = field(default_factory=lambda: dict(CONTROLS))


def measure_faithfulness(
    ask: Ask,
    eyes: Sequence[Eye],
    *,
    options: FaithOptions,
    bootstrap: Bootstrap | None = None,
    on_photo: Callable[[], None] = lambda: None,
) -> Faithfulness:
    """Show a model each eye in part, in the order of its own map and of the controls.

    Args:
        ask: The model.
        eyes: The eyes with its maps, at least one.
        options: How.
        bootstrap: The draws of intervals; None for the usual number with the options' seed.
        on_photo: Called after each eye.
    """
    said: dict[str, list[Said | None]] = {name: [] for name in (MODEL, *CONTROLS)}
    drawn: list[Said] = []
    with ThreadPoolExecutor(options.threads) as pool:
        for index, eye in enumerate(eyes):
            generator = np.random.default_rng([options.seed, index])
            size = eye.image.shape[0], eye.image.shape[1]
            maps = {MODEL: [raised(eye.map, size)]} | control_maps(
                eyes, index, draws=options.draws, generator=generator
            )
            for name, answers in said.items():
                parts = [
                    say(ask, eye, each, steps=options.steps, generator=generator, pool=pool)
                    for each in maps.get(name, [])
                ]
                answers.append(mean_of(parts) if parts else None)
                if name == "random":
                    drawn.append(stacked(parts))
            on_photo()
    by_map = {name: stacked(parts) for name, parts in said.items() if any(parts)}
    groups = np.array([eye.person for eye in eyes])
    draws = bootstrap or Bootstrap(seed=options.seed)
    return Faithfulness(
        photos=len(eyes),
        persons=len(np.unique(groups)),
        measures=_measures(by_map, stacked(drawn), groups, draws),
        sufficiency=_sufficiency(by_map, groups, draws),
        curves=_curves(by_map, options.steps),
    )


def _measures(
    by_map: Mapping[str, Said], drawn: Said, groups: np.ndarray, bootstrap: Bootstrap
) -> tuple[Measure, ...]:
    """Sum up; ``drawn`` has the random maps of each photo one by one, (N, D, ...)."""
    values = {name: said.measures() for name, said in by_map.items()}
    own_values, random = (
        np.stack([*each.values()], axis=-1) for each in (values[MODEL], drawn.measures())
    )
    p_values = corrected_p(own_values, random.swapaxes(0, 1), groups, seed=bootstrap.seed)
    found = []
    for (name, scale), p in zip(values[MODEL], p_values.tolist(), strict=True):
        own = {kind: each[name, scale] for kind, each in values.items()}
        sign = -1 if name in LESS_IS_BETTER else 1
        means = {kind: estimate(each, groups, bootstrap=bootstrap) for kind, each in own.items()}
        gains = {
            kind: estimate(sign * (own[MODEL] - each), groups, bootstrap=bootstrap)
            for kind, each in own.items()
            if kind != MODEL
        }
        agreed = reliability(np.stack(list(own.values()), 1), groups, bootstrap=bootstrap)
        verdict = against_chance(gains["random"], p)
        found.append(Measure(name, scale, sign < 0, means, gains, p, verdict, agreed))
    return tuple(found)


def _sufficiency(
    by_map: Mapping[str, Said], groups: np.ndarray, bootstrap: Bootstrap
) -> tuple[Sufficiency, ...]:
    own, random = by_map[MODEL].kept, by_map["random"].kept
    return tuple(
        Sufficiency(
            share,
            estimate(own[:, at], groups, bootstrap=bootstrap, is_share=True),
            estimate(random[:, at], groups, bootstrap=bootstrap),
            estimate(own[:, at] - random[:, at], groups, bootstrap=bootstrap),
        )
        for at, share in enumerate(KEPT)
    )


def _curves(by_map: Mapping[str, Said], steps: int) -> Curves:
    def points(part: str) -> _Points:
        means = {name: np.nanmean(getattr(said, part), axis=0) for name, said in by_map.items()}
        return {
            f"{name} {scale}": tuple(mean[place].tolist())
            for name, mean in means.items()
            for place, scale in enumerate(("probability", "logit"))
        }

    return Curves(
        tuple(np.linspace(0, 1, steps + 1).tolist()),
        points("deletion"),
        points("insertion"),
        REMOVED,
        points("morf"),
        points("lerf"),
    )
