"""Models that hang on a mark, on the middle of the eye, or on its colours, are told apart."""

import pytest

from tests.calibration.explanations.shortcuts.planted import MODELS, audited


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("planted")


@pytest.fixture(scope="module")
def records(folder):
    return {model: audited(folder, model, seed=0)[0] for model in MODELS}


def found(record):
    return {(each.property, each.donor) for each in record.shortcuts}


def test_a_mark_in_the_lower_right_corner_is_named_with_its_class_and_nothing_else_is(records):
    record = records["corner"]
    assert found(record) == {("rim-lower-right", "glaucoma"), ("rim-lower-right", "normal")}
    into = next(each for each in record.shortcuts if each.donor == "glaucoma")
    assert into.turned.value > 0.8
    assert into.count_by_own <= 2
    assert into.towards.value == pytest.approx(6, abs=1)
    assert into.middle.turned.value < 0.2
    assert "in the lower right corner of photos called glaucoma turns" in into.sentence
    assert f"{into.count} of {into.turned.photos} other photos into glaucoma" in into.sentence


def test_a_model_that_looks_at_the_middle_alone_has_no_shortcut(records):
    assert found(records["middle"]) == set()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_false_alarm_on_other_photos(folder, seed):
    record, _ = audited(folder, "middle", seed=seed, count=24)
    assert found(record) == set()
    assert "No shortcut was found" in _conclusion(record)


def test_a_model_that_looks_at_colours_is_found_by_the_colour_cast_alone(records):
    record = records["colour"]
    assert found(record) == {("colour", "glaucoma"), ("colour", "normal")}
    # A piece comes in the eye's own colours, or the rim would be found for what it is not.
    pieces = [each for each in record.effects if each.property.startswith("rim")]
    assert max(abs(each.towards.value) for each in pieces) < 0.5


def test_what_leaves_a_planted_model_alone_moves_no_logit(records):
    for each in records["corner"].effects:
        if each.property in ("border", "frame", "resolution"):
            assert abs(each.towards.value) < 0.3, each.property


def test_few_persons_are_not_judged(folder):
    record, _ = audited(folder, "corner", seed=5, count=8)
    assert {each.verdict for each in record.effects} == {"too few"}
    assert "Nothing can be judged" in _conclusion(record)


def _conclusion(record):
    from calibration.explanations.shortcuts.rows import conclusion

    return conclusion(record)
