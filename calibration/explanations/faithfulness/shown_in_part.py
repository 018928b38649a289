"""Show a model an eye in part, in the order of a map, and keep what it says."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from calibration.explanations.faithfulness.deletion import (
    area_under,
    blurred,
    mean_colour,
    replaced,
)
from calibration.explanations.faithfulness.eyes import Ask, Eye, Floats, Images
from calibration.explanations.faithfulness.map_orders import Order, pixel_order
from calibration.explanations.faithfulness.road import NOISE, impute

#: Shares of the eye that ROAD removes: three of the paper's, as each takes a system to solve.
REMOVED = (0.1, 0.3, 0.5)

#: Shares of the eye that are left to see where its sufficiency is asked.
KEPT = (0.1, 0.25, 0.5)

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Said:
    """What a model says of eyes in part: of one, or stacked, of N.

    ``deletion`` and ``insertion`` are float64 (..., 2, S + 1), the named class's probability and
    logit after each step of equal size from none to all of the eye; ``morf`` and ``lerf``
    (..., 2, R) with the hottest and the coldest of ``REMOVED`` filled by ROAD; ``kept`` (..., K),
    1 where the class stays the named one with no more than the hottest of ``KEPT`` to see. All are
    NaN where there was no map.
    """

    deletion: Doubles
    insertion: Doubles
    morf: Doubles
    lerf: Doubles
    kept: Doubles

    def measures(self) -> dict[tuple[str, str], Doubles]:
        """Sum up by measure and by "probability" or "logit", each (...)."""
        shares = np.linspace(0, 1, self.deletion.shape[-1])
        both = {
            "deletion": area_under(shares, self.deletion),
            "insertion": area_under(shares, self.insertion),
            "ROAD, hottest first": self.morf.mean(axis=-1),
            "ROAD, coldest first": self.lerf.mean(axis=-1),
            "ROAD, difference": (self.lerf - self.morf).mean(axis=-1),
        }
        return {
            (name, scale): values[..., place]
            for name, values in both.items()
            for place, scale in enumerate(("probability", "logit"))
        }


#: The measures of which less is better: a map's hottest part should be missed.
LESS_IS_BETTER = frozenset({"deletion", "ROAD, hottest first"})


def say(
    ask: Ask,
    eye: Eye,
    values: Floats,
    *,
    steps: int,
    generator: np.random.Generator,
    pool: Executor,
) -> Said:
    """Ask a model about an eye in part, in the order of a map.

    Args:
        ask: The model.
        eye: The eye.
        values: float32 (height, width), the map in pixels.
        steps: Steps of deletion and of insertion.
        generator: ROAD's noise is drawn from it.
        pool: Where ROAD's equations are solved.
    """
    order = pixel_order(values, eye.inside)
    shares = np.linspace(0, 1, steps + 1)
    grey = mean_colour(eye.image, eye.inside)
    soft = blurred(eye.image, eye.inside)
    removed = _filled(eye, (order, order[::-1]), generator, pool)
    alone = replaced(eye.image, grey, order[::-1], 1 - np.array(KEPT))
    pictures = [
        replaced(eye.image, grey, order, shares),
        replaced(soft, eye.image, order, shares),
        *removed,
        alone,
    ]
    probabilities, logits = ask(np.concatenate(pictures))
    of_top = np.array([probabilities[:, eye.top], logits[:, eye.top]], np.float64)
    ends = np.cumsum([len(part) for part in pictures])
    deletion, insertion, morf, lerf, _ = np.split(of_top, ends[:-1], axis=1)
    kept = probabilities[ends[-2] :].argmax(axis=1) == eye.top
    return Said(deletion, insertion, morf, lerf, kept.astype(np.float64))


def mean_of(parts: Sequence[Said]) -> Said:
    """Average several draws of one eye."""
    return Said(
        *(np.mean([getattr(part, each.name) for part in parts], 0) for each in fields(Said))
    )


def stacked(parts: Sequence[Said | None]) -> Said:
    """Put N eyes into one, NaN where there is nothing; of one eye at least there must be."""
    like = next(part for part in parts if part is not None)
    nothing = Said(*(np.full_like(getattr(like, each.name), np.nan) for each in fields(Said)))
    return Said(
        *(
            np.stack([getattr(part or nothing, each.name) for part in parts])
            for each in fields(Said)
        )
    )


def _filled(
    eye: Eye, orders: Sequence[Order], generator: np.random.Generator, pool: Executor
) -> list[Images]:
    """Remove the first of each order, ``REMOVED`` of the eye, and fill by ROAD: (R, ...) each."""
    missing = np.zeros((len(orders), len(REMOVED), *eye.inside.shape), bool)
    for masks, order in zip(missing, orders, strict=True):
        for mask, share in zip(masks, REMOVED, strict=True):
            mask.ravel()[order[: round(share * len(order))]] = True
    flat = missing.reshape(-1, *eye.inside.shape)
    found = list(pool.map(lambda mask: impute(eye.image, mask, inside=eye.inside), flat))
    for picture, mask in zip(found, flat, strict=True):
        picture[mask] += generator.normal(0, NOISE * 255, (int(mask.sum()), 3))
    pictures = np.clip(np.rint(found), 0, 255).astype(np.uint8)
    return list(pictures.reshape(len(orders), len(REMOVED), *eye.image.shape))
