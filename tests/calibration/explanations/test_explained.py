"""Which predictions are right, and which are wrong."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.explanations.store.read import read_store
from calibration.explanations.store.store import writing
from tests.calibration.explanations.made_eyes import RIGHT, explained, spot
from tests.calibration.explanations.store.stored import INFO, stored


@pytest.mark.parametrize(
    ("label", "excluded", "right", "wrong"),
    [
        ("ill", None, True, False),
        ("normal", None, False, True),
        (None, None, False, False),
        (None, "ill", False, True),
        (None, "normal", False, False),
        ("a class that the model doesn't have", None, False, False),
    ],
)
def test_a_photo_called_ill_is_right_wrong_or_not_known(label, excluded, right, wrong):
    one = explained([RIGHT], [spot(0, 0)])
    given = replace(one, photos=(replace(one.photos[0], label=label, excluded=excluded),))
    assert (given.right.tolist(), given.wrong.tolist()) == ([right], [wrong])


def test_a_photo_under_two_names_counts_as_one_person():
    kept = explained([RIGHT] * 4, [spot(0, 0)] * 4)
    patients, contents = (None, None, "p", "p"), ("a", "a", "b", "c")
    photos = tuple(
        replace(photo, patient=patient, sha256=content)
        for photo, patient, content in zip(kept.photos, patients, contents, strict=True)
    )
    assert replace(kept, photos=photos).groups.tolist() == [0, 0, 1, 1]
    linked = (*photos[:3], replace(photos[3], patient=None, sha256="b"))
    assert replace(kept, photos=linked).groups.tolist() == [0, 0, 1, 1]


def test_a_store_keeps_which_class_a_photo_isnt_of(tmp_path):
    with writing(tmp_path / "store", INFO) as writer:
        writer.add(stored(0, label=None, excluded="glaucoma"))
        writer.add(stored(1, label=None))
        writer.add(stored(2, label="glaucoma"))
    found = read_store(tmp_path / "store")
    assert [photo.excluded for photo in found.photos] == ["glaucoma", None, None]
    assert found.wrong.tolist() == [True, False, False]
    np.testing.assert_array_equal(found.right, [False, False, True])
