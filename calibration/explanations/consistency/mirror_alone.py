"""Measure what mirroring a photo alone does to a model's map and prediction."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from calibration.compare.map_drift import mirror, mirrored_back
from calibration.explanations.consistency.compare_photos import Parts
from calibration.explanations.estimate import Estimate, estimate
from calibration.explanations.explained import Explained
from calibration.explanations.known_photos import choose
from calibration.explanations.likeness import LESS, MORE, Measures, likeness, means, verdict
from calibration.explanations.map_pairs import MapPairs, compare_pairs
from calibration.explanations.stored_field import stored_field
from calibration.models.model_under_test import ModelUnderTest, Outputs, run_model
from train.metrics.intervals import Bootstrap

_FOLLOWS = {
    MORE: "The maps follow the eye more than the picture's frame: the mirrored photo's map is more "
    "like the first one when it is turned back.",
    LESS: "The maps follow the picture's frame more than the eye: the mirrored photo's map is more "
    "like the first one when it isn't turned back.",
}


@dataclass(frozen=True)
class MirrorAlone:
    """What a model says of photos and of the same photos mirrored.

    ``gone`` files don't lie where they did, or are others now. ``changed`` is the share whose class
    changed, ``probability_moved`` by how much that of the first class did. ``turned_back`` compares
    the mirrored photo's map, turned back, with the first one, where the class held (``agreeing``)
    and where it changed; ``in_place`` without turning it back, of all photos. All maps are of the
    first class. ``eye_less_frame`` is by how much more the correlation is with turning back, and
    ``follows`` says in a sentence whether the maps follow the eye or the picture's frame.
    """

    model: str
    photos: int
    persons: int
    gone: int
    changed: Estimate
    probability_moved: Estimate
    turned_back: Parts
    in_place: Measures
    eye_less_frame: Estimate
    follows: str


def mirror_alone(
    kept: Explained,
    tested: ModelUnderTest,
    *,
    limit: int,
    field_degrees: float,
    bootstrap: Bootstrap,
    on_share: Callable[[float], None] = lambda share: None,
) -> MirrorAlone | None:
    """Show a model photos and the same photos mirrored.

    Args:
        kept: The photos of a store.
        tested: The model; it is asked about both, so it needn't be the one of the store.
        limit: At most so many photos, drawn by the seed.
        field_degrees: The angle that a field of view spans.
        bootstrap: Draws of persons for the intervals; its seed is that of all else drawn.
        on_share: Called with the share of the photos that is done, 0..1.

    Returns:
        None where no photo's file lies where it did.

    Raises:
        AnswerInvalidError: The model's answer isn't numbers.
    """
    chosen = choose(tuple(range(len(kept.photos))), limit, seed=bootstrap.seed)
    rows, plain, turned = list[int](), list[Outputs](), list[Outputs]()
    for done, row in enumerate(chosen, 1):
        photo = kept.photos[row]
        image = stored_field(photo, size=tested.input_size)
        if image is not None:
            rows.append(row)
            plain.append(run_model(tested, image[None], kept.classes))
            turned.append(mirrored_back(run_model(tested, mirror(image[None]), kept.classes)))
        on_share(done / len(chosen))
    if not rows:
        return None
    found = _summary(plain, turned, kept.taken(np.array(rows)), field_degrees, bootstrap)
    return replace(found, model=str(tested.file), gone=len(chosen) - len(rows))


def _summary(
    plain: list[Outputs],
    turned: list[Outputs],
    kept: Explained,
    field_degrees: float,
    bootstrap: Bootstrap,
) -> MirrorAlone:
    first, then = (
        np.concatenate([each.probabilities for each in part]) for part in (plain, turned)
    )
    cams, back = (np.concatenate([each.cam for each in part]) for part in (plain, turned))
    rows, tops, groups = np.arange(len(first)), first.argmax(axis=1), kept.groups
    pairs = MapPairs(
        cams[rows, tops],
        lambda i, j, label: back[j, label],
        tops,
        then.argmax(axis=1),
        groups,
        kept.sides,
    )
    compared, in_place = (
        compare_pairs(each, field_degrees=field_degrees, seed=bootstrap.seed, baselines=False)
        for each in (
            pairs,
            replace(pairs, second=lambda i, j, label: back[j, label, :, ::-1]),
        )
    )
    held = np.asarray(pairs.labels == pairs.tops)
    agreeing, differing = (
        likeness(compared, part, groups, bootstrap=bootstrap) for part in (held, ~held)
    )
    less = estimate(compared.own[:, 0] - in_place.own[:, 0], groups, bootstrap=bootstrap)
    return MirrorAlone(
        model="",
        photos=len(rows),
        persons=len(np.unique(groups)),
        gone=0,
        changed=estimate(~held, groups, bootstrap=bootstrap, is_share=True),
        probability_moved=estimate(
            np.abs(first[rows, tops] - then[rows, tops]), groups, bootstrap=bootstrap
        ),
        turned_back=Parts(agreeing, differing),
        in_place=means([in_place.own], groups, bootstrap=bootstrap)[0],
        eye_less_frame=less,
        follows=_FOLLOWS.get(
            verdict(less), "Whether the maps follow the eye or the picture's frame can't be told."
        ),
    )
