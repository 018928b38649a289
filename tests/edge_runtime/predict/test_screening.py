"""Photos go through one by one, the next decoded meanwhile, and never more than that."""

import threading
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.explain.optic_disc import find_landmarks
from edge_runtime.explain.zones import ZONES
from edge_runtime.predict import reading
from edge_runtime.predict.screening import screen, to_record


@pytest.fixture(scope="module")
def classifier(exported):
    return Classifier(load_bundle(exported))


def test_the_next_photo_is_decoded_while_one_is_classified(classifier, photo_file, monkeypatch):
    begun = threading.Semaphore(0)
    decode = reading.decode_timed
    predict = classifier.predict_prepared

    def decode_and_tell(path, **options):
        begun.release()
        return decode(path, **options)

    def predict_once_the_next_is_begun(prepared):
        assert begun.acquire(timeout=20)  # its own
        if not last:
            assert begun.acquire(timeout=20)  # the next one's: it must not wait for this one
            begun.release()
        return predict(prepared)

    monkeypatch.setattr(reading, "decode_timed", decode_and_tell)
    monkeypatch.setattr(classifier, "predict_prepared", predict_once_the_next_is_begun)
    last: list[bool] = []
    found = 0
    for screened in screen(classifier, [photo_file] * 4):
        found += 1
        assert screened.error is screened.reason is None
        if found == 3:
            last.append(True)
    assert found == 4


def test_never_more_than_two_photos_are_in_memory(classifier, photo_file, monkeypatch):
    decoded, finished, most = 0, 0, 0
    decode = reading.decode_timed

    def counted(path, **options):
        nonlocal decoded, most
        decoded += 1
        most = max(most, decoded - finished)
        return decode(path, **options)

    monkeypatch.setattr(reading, "decode_timed", counted)
    for _ in screen(classifier, [photo_file] * 30):
        finished += 1
    assert decoded == finished == 30
    assert most <= 2 + 1  # the generator takes up the next before this loop counts the last


def test_photos_come_in_order_whatever_is_wrong_with_some(classifier, photo_file, tmp_path):
    (tmp_path / "empty.jpg").touch()
    paths = [photo_file, tmp_path / "empty.jpg", tmp_path / "gone.jpg", photo_file]
    found = list(screen(classifier, paths))
    assert [screened.path for screened in found] == paths
    assert [screened.error is None for screened in found] == [True, False, False, True]
    assert np.array_equal(found[0].prediction.cam, found[3].prediction.cam)


def test_no_thread_outlives_a_run_that_is_given_up(classifier, photo_file):
    before = threading.active_count()
    photos = screen(classifier, [photo_file] * 50)
    next(photos)
    photos.close()
    assert threading.active_count() == before


def test_landmarks_are_found_for_what_is_kept_and_stand_in_the_record(classifier, photo_file):
    ((plain,), (kept,)) = (screen(classifier, [photo_file], kept=kept) for kept in (False, True))
    assert plain.landmarks is None
    decoded, ms = reading.decode_timed(photo_file)
    prepared = classifier.prepare_decoded(decoded, decode_ms=ms)
    assert kept.landmarks == find_landmarks(prepared.image, prepared.inside)
    disc = replace(kept, landmarks=Landmarks((0.4, 0.0), 0.3, 0.9, None, "right"))
    records = [to_record(each, classifier, choice="all", overlays={}) for each in (plain, disc)]
    assert records[0].landmarks is None
    assert all(each.zones is msgspec.UNSET for each in records[0].explanations)
    assert records[1].landmarks == disc.landmarks
    positive = [each for each in records[1].explanations if each.positive_evidence]
    assert positive
    for each in positive:
        assert each.zones.keys() == ZONES.keys()
        assert sum(each.zones.values()) == pytest.approx(1, abs=1e-3)
