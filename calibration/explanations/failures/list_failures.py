"""List the photos that were predicted wrongly or unsurely, with what their maps show."""

import numpy as np

from calibration.compare.similarity import pearson
from calibration.explanations.explained import Explained
from calibration.explanations.failures.exchange import Bools, Doubles, Numbers
from calibration.explanations.failures.places import PLACES, hottest_places, hottest_points
from calibration.explanations.failures.record import Failure, MapOfFailure
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.zones import even_shares, zone_map, zone_shares


def list_failures(
    kept: Explained, unsure: Bools, rows: Numbers, like_average: Doubles
) -> tuple[Failure, ...]:
    """List wrong predictions, the most confident first, then unsure ones, the least first.

    Args:
        kept: N photos.
        unsure: (N,).
        rows: (N,), their places in the store.
        like_average: (N,), NaN where it isn't known.
    """
    sure, wrong = kept.probabilities.max(axis=1), kept.wrong
    orders = np.argsort(-sure, kind="stable"), np.argsort(sure, kind="stable")
    order = [i for i in orders[0] if wrong[i]] + [i for i in orders[1] if unsure[i]]
    others = other_classes(kept)
    return tuple(
        _failure(kept, i, int(rows[i]), other=int(others[i]), like_average=float(like_average[i]))
        for i in map(int, order)
    )


def other_classes(kept: Explained) -> Numbers:
    """Say whose map is shown beside the predicted class's, (N,), as an index into the classes.

    The true class of a wrong prediction, -1 where that isn't known; the second most likely one of
    a right prediction.
    """
    second = np.argsort(-kept.probabilities, axis=1, kind="stable")[:, 1]
    return np.where(kept.wrong, kept.labels, second)


def _failure(kept: Explained, index: int, row: int, *, other: int, like_average: float) -> Failure:
    photo, top = kept.photos[index], int(kept.probabilities[index].argmax())
    maps = kept.maps[index]
    return Failure(
        row=row,
        path=photo.path,
        wrong=photo.label != kept.classes[top],
        source=photo.source,
        patient=photo.patient,
        eye=photo.side,
        true=photo.label,
        excluded=photo.excluded,
        familiarity=photo.familiarity,
        like_average=None if np.isnan(like_average) else round(like_average, 4),
        predicted=_map(kept, index, top),
        other=None if other < 0 else _map(kept, index, other),
        maps_alike=None if other < 0 else round(pearson(maps[top], maps[other]), 4),
    )


def _map(kept: Explained, index: int, label: int) -> MapOfFailure:
    cam, zones = kept.maps[index, label], zone_map(kept.photos[index].landmarks)
    (place,) = hottest_places(hottest_points(cam[None]))
    heat, zone, share, evenly = heatmap(cam), None, None, None
    if zones is not None and heat.positive:
        shares, even = zone_shares(cam, zones), even_shares(zones, (cam.shape[0], cam.shape[1]))
        zone = max(shares, key=lambda name: shares[name] - even[name])
        share, evenly = round(shares[zone], 4), round(even[zone], 4)
    return MapOfFailure(
        class_name=kept.classes[label],
        probability=float(kept.probabilities[index, label]),
        evidence=round(heat.evidence, 4),
        place=None if place < 0 else PLACES[place],
        zone=zone,
        zone_share=share,
        zone_evenly=evenly,
    )
