"""The eye is the file's word or nobody's: of all that can be wrong with it nothing is guessed."""

import pytest

from edge_runtime.hospital.facts import DicomFacts, with_eye
from edge_runtime.hospital.header import read_header
from edge_runtime.hospital.read_facts import facts_of
from tests.edge_runtime.hospital.objects import item, make, save

#: Image Laterality, side in the name, side by the disc: the eye, or why there is none. All 204 of
#: 17 words, 4 names (none, right, left, both) and 3 discs. What people write for R and L isn't it.
ODD = ("U", "OD", "OS", "OU", "RT", "LT", "RE", "LE", "RIGHT", "LEFT", "BOTH", "N", "X")
WORDS = {"R": "right", "L": "left", "B": "both", "": "absent"} | dict.fromkeys(ODD, "unknown")
NAMES = {"scan": None, "P1_OD": "right", "P1_OS": "left", "od_and_os": None}
DISCS = (None, "right", "left")


def expected(word, in_name, by_disc):
    """Write the rule down once more, as docs/hospital.md has it."""
    told = WORDS[word]
    if told not in ("right", "left"):
        return None, told
    if in_name is not None and in_name != told:
        return None, "name"
    if by_disc is not None and by_disc != told:
        return None, "disc"
    return told, None


CASES = [(word, name, disc) for word in WORDS for name in NAMES for disc in DISCS]


@pytest.mark.parametrize(("word", "name", "disc"), CASES)
def test_of_two_hundred_cases_no_eye_is_guessed(small_eye, tmp_path, word, name, disc):
    from edge_runtime.explain.eye_side import side_in_name

    path = save(make(small_eye, ImageLaterality=word or None), tmp_path / f"{name}.dcm")
    with path.open("rb") as file:
        facts = facts_of(read_header(file, path.stat().st_size, limit=1 << 20), None)
    assert side_in_name(path) == NAMES[name]
    settled = with_eye(facts, in_name=side_in_name(path), by_disc=disc)
    kind = settled.eye_doubt.kind if settled.eye_doubt else None
    assert (settled.eye, kind) == expected(word, NAMES[name], disc)
    assert settled.eye is None or settled.laterality == settled.eye[0].upper()
    assert (settled.eye is None) == (settled.eye_doubt is not None)


def test_there_are_two_hundred_cases_and_twelve_of_them_have_an_eye():
    assert len(CASES) == len(set(CASES)) == 204
    with_an_eye = [case for case in CASES if expected(case[0], NAMES[case[1]], case[2])[0]]
    assert len(with_an_eye) == 12  # 2 words, 3 names and 2 discs that don't speak against them


def word_of(data, tmp_path, frame=None):
    path = save(data, tmp_path / "a.dcm")
    with path.open("rb") as file:
        return facts_of(read_header(file, path.stat().st_size, limit=1 << 20), frame).laterality


def anatomy(word):
    return item(FrameAnatomySequence=[item(FrameLaterality=word)])


@pytest.mark.parametrize(
    ("tags", "frame", "word"),
    [
        ({"SharedFunctionalGroupsSequence": [anatomy("L")]}, None, "L"),
        ({"PerFrameFunctionalGroupsSequence": [anatomy("L"), anatomy("R")]}, 2, "R"),
        ({"PerFrameFunctionalGroupsSequence": [anatomy("L")]}, 2, ""),
        ({"Laterality": "L"}, None, "L"),
        ({"ImageLaterality": "R", "SharedFunctionalGroupsSequence": [anatomy("L")]}, None, "R\\L"),
        ({"ImageLaterality": "R", "SharedFunctionalGroupsSequence": [anatomy("R")]}, None, "R"),
        ({"ImageLaterality": "R", "Laterality": "L"}, None, "R\\L"),
        ({"ImageLaterality": "R", "Laterality": "R"}, None, "R"),
        ({"ImageLaterality": "R", "Laterality": "B"}, None, "R"),
        ({"ImageLaterality": "B", "Laterality": "L"}, None, "B"),
        ({"ImageLaterality": ["R", "L"]}, None, "R\\L"),
        ({"ImageLaterality": " R "}, None, "R"),
        ({"SharedFunctionalGroupsSequence": []}, None, ""),
    ],
)
def test_the_word_is_found_where_it_may_stand(small_eye, tmp_path, tags, frame, word):
    data = make(small_eye, **{"ImageLaterality": None} | tags)
    assert word_of(data, tmp_path, frame) == word
    settled = with_eye(DicomFacts("1.2", laterality=word), in_name=None, by_disc=None)
    assert (settled.eye is not None) == (word in ("R", "L"))
