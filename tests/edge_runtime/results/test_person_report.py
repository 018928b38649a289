"""A person's report: what it says of each photo, in which order, and the sheet made of it."""

import json
import re
from functools import cache

import msgspec
import numpy as np
import pytest

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.explain.zones import OUTSIDE, ZONES, even_shares, zone_map
from edge_runtime.predict.caution import caution
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.familiarity import Likeness
from edge_runtime.predict.record import Explanation
from edge_runtime.results.people import Person
from edge_runtime.results.person_page import person_page
from edge_runtime.results.person_report import person_report
from edge_runtime.results.texts import LANGUAGES, texts
from edge_runtime.results.usual_evidence import averages_of, draw_usual, usual_evidence
from tests.edge_runtime.links import broken_links
from tests.edge_runtime.results.records import graded, ungradable, unreadable

RIGHT, WHEN = Landmarks((0.4, 0.0), 0.3, 0.9, None, "right"), "2026-01-02T03:04:05+01:00"
SHARES = {"outside": 0.3, "disc": 0.05, "macula": 0.4, "disc_1": 0.05, "disc_2": 0.2}


@cache
def classifier():
    return Classifier(load_bundle())


def located(path="P1_OD.jpg", landmarks=RIGHT, *, zones=SHARES, side="temporal", **more):
    """Make the report of a person with one photo whose optic disc was found, or not."""
    unset = msgspec.UNSET
    shown = Explanation(
        "glaucoma", True, 1.0, 0.3, "overlays/0001-a b.jpg", zones or unset, side or unset
    )
    changed = {"explanations": (shown,), "landmarks": landmarks, **more}
    return report_of([msgspec.structs.replace(graded(path), **changed)])


def report_of(records, *, named=True):
    person = Person("P1", "P1", named, tuple(range(1, len(records) + 1)))
    by_number = {number: (record, WHEN) for number, record in enumerate(records, 1)}
    return person_report(person, by_number, classifier(), averages_of(classifier().bundle, "int8"))


def the_photo(report):
    ((photo,),) = (eye.photos for eye in report.eyes)
    return photo


def with_usual(report, usual):
    """Give the report of one photo another average."""
    change = msgspec.structs.replace
    (eye,) = report.eyes
    (photo,) = eye.photos
    (evidence,) = photo.evidence
    photo = change(photo, evidence=(change(evidence, usual=usual),))
    return change(report, eyes=(change(eye, photos=(photo,)),))


def test_eyes_come_right_first_and_of_each_the_most_urgent_photo():
    report = report_of([
        graded("P1_left_1.jpg", 0.1), graded("P1_left_2.jpg", 0.9), unreadable("P1_left_3.jpg"),
        ungradable("P1_right_1.jpg"), graded("P1_right_2.jpg", 0.2), graded("x.jpg", 0.3),
    ])  # fmt: skip
    assert [(eye.eye, [each.number for each in eye.photos]) for eye in report.eyes] == [
        ("right", [4, 5]), ("left", [2, 3, 1]), (None, [6])
    ]  # fmt: skip
    codes = [eye.laterality and eye.laterality.code for eye in report.eyes]
    assert codes == ["24028007", "7771000", None]
    qualities = [each.quality.status for each in report.eyes[1].photos]
    assert qualities == ["graded", "unreadable", "graded"]


def test_a_finding_has_its_probability_and_a_code_where_one_is_certain():
    found = the_photo(report_of([graded("P1_OD.jpg", 0.75)])).findings
    told = [(each.class_name, each.probability, each.is_predicted) for each in found]
    assert told == [("glaucoma", 0.75, True), ("normal", 0.25, False)]
    assert [each.coding and each.coding.code for each in found] == ["23986001", None]


def test_the_disc_tells_the_side_where_the_name_does_not_and_a_contradiction_is_said():
    by_disc = located("photo.jpg")
    assert [eye.eye for eye in by_disc.eyes] == ["right"]
    assert "right eye, by where the optic disc lies" in person_page(by_disc, texts("en"))
    against = located("P1_left.jpg")
    assert [eye.eye for eye in against.eyes] == ["left"]  # the name counts, and is doubted
    side = the_photo(against).side
    assert (side.in_name, side.by_disc) == ("left", "right")
    assert "mirrored or turned" in side.doubt
    page = person_page(against, texts("es"))
    assert "dice ojo izquierdo, pero el disco óptico está como en un ojo derecho" in page


@pytest.mark.parametrize(
    ("report", "seen", "words"),
    [
        (located(), True, "mostly temporal of the optic disc; in no zone clearly more than if "
         "it were spread evenly over the eye; 30% outside of the eye"),
        (located(zones={"outside": 0.1, "macula": 0.55, "disc_2": 0.3, "disc": 0.05}), True,
         "mostly temporal of the optic disc; 55% in the macula, within two disc diameters of the "
         "fovea (35% if it were spread evenly); 30% around the optic disc, within two disc "
         "diameters (20% if it were spread evenly); 30% outside of the eye"),
        (located(zones={"disc": 0.7, "macula": 0.3}, side="nasal, above"), True,
         "mostly nasal and above of the optic disc; 70% on the optic disc (2% if it were "
         "spread evenly); 30% outside of the eye"),
        (located(landmarks=Landmarks(), zones=None, side=None), False,
         "the optic disc wasn't found, so no zones; 30% outside of the eye"),
        (located(landmarks=Landmarks((0.0, 0.0), 0.3), zones=None, side=None), True,
         "the optic disc was found, but neither the fovea nor the side of the eye, so no zones; "
         "30% outside of the eye"),
        (located(landmarks=None, zones=None, side=None), None,
         "nobody looked for the optic disc, so no zones; 30% outside of the eye"),
        (located(explanations=(Explanation("glaucoma", False, 0.0, 0.0),)), True,
         "nothing in the photo speaks for glaucoma"),
    ],
)  # fmt: skip
def test_where_the_evidence_lies_is_said_in_words(report, seen, words):
    photo = the_photo(report)
    assert photo.disc_seen is seen
    assert [each.in_words for each in photo.evidence] == [words]
    assert words.replace("'", "&#39;") in person_page(report, texts("en"))


def test_a_zone_is_named_by_what_even_evidence_gives_it_through_the_cells_not_by_its_area():
    small = Landmarks((0.3, 0.0), 0.2, 0.9, None, "right")
    zones = zone_map(small)
    even = even_shares(zones, classifier().bundle.manifest.feature_shape[:2])
    area = (zones == list(ZONES).index("periphery")).sum() / (zones != OUTSIDE).sum()
    share = 1.3 * even["periphery"]
    assert 0.1 < share < 1.25 * area  # cells reach over the edge of the eye
    (evidence,) = the_photo(located(landmarks=small, zones={"periphery": share})).evidence
    assert evidence.zones_evenly == pytest.approx(even, abs=1e-4)
    assert "in the periphery of the photograph" in evidence.in_words


def test_the_classes_average_is_shown_beside_the_evidence_where_the_eyes_place_is_known():
    (evidence,) = the_photo(located()).evidence
    usual = evidence.usual
    assert usual.photos == classifier().bundle.manifest.average_maps.photos["glaucoma"]
    assert sum(usual.zones.values()) == pytest.approx(1, abs=0.001)
    assert max(usual.zones, key=usual.zones.get) != "outside"
    page = person_page(located(), texts("en"))
    assert f'src="../{usual.picture}"' in page
    assert f"of {usual.photos} photos, {usual.trained} of which the model learned from" in page
    unknown = with_usual(located(), msgspec.structs.replace(usual, trained=None))
    assert "most of which the model may have learned from" in person_page(unknown, texts("en"))
    for report in (located(landmarks=None), located(landmarks=Landmarks((0.0, 0.0), 0.3))):
        assert the_photo(report).evidence[0].usual is None
        assert "on average" not in person_page(report, texts("en"))


def test_an_average_has_the_zones_of_a_map_of_the_same_cells():
    bundle = classifier().bundle
    even = {"glaucoma": np.ones((24, 24), np.float32)}
    found = usual_evidence("glaucoma", RIGHT, even, bundle, 1).zones
    expected = even_shares(zone_map(RIGHT), bundle.manifest.feature_shape[:2])
    assert found == pytest.approx(expected, abs=6e-4)  # 24 cells aren't a multiple of 9
    assert found["outside"] > 0.05  # evidence spread evenly over finer cells has none there


def test_the_average_of_a_left_eye_mirrors_that_of_a_right_one():
    average = averages_of(classifier().bundle, "int8")["glaucoma"]
    left = Landmarks((-0.4, 0.0), 0.3, 0.9, None, "left")
    pictures = [draw_usual(average, eye).astype(int) for eye in (RIGHT, left)]
    assert np.abs(pictures[0] - pictures[1][:, ::-1]).mean() < 1  # marks may be a pixel off


@pytest.mark.parametrize(
    ("outside", "share", "codes"),
    [
        (0.9, 0.01, ["evidence_outside", "unfamiliar"]),
        (0.9, 0.5, ["evidence_outside"]),
        (0.1, 0.01, ["unfamiliar"]),
        (0.1, 0.5, []),
    ],
)
def test_cautions_are_told_apart(outside, share, codes):
    like = Likeness(share, 0.9)
    report = located(caution=caution(outside, 0.5, like), familiarity=like)
    assert [each.code for each in the_photo(report).cautions] == codes
    page = person_page(report, texts("en"))
    assert page.count('class="bad"') == len(codes)


def test_the_model_is_told_with_its_figures_and_what_they_are_not_of():
    model = report_of([graded("P1_OD.jpg")]).model
    assert model.confidence_is == "temperature scaled"
    assert [each.split for each in model.measured] == ["val_dir", "test_dir"]
    test = model.measured[-1].classes["glaucoma"]
    assert test.sensitivity.value == pytest.approx(8 / 11)
    assert test.sensitivity_with_gate.interval is not None
    assert "camera isn't known" in model.camera
    assert set(model.thresholds.classes) == {"cataract", "diabetic_retinopathy", "glaucoma"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_in_each_language_and_names_all_photos(language):
    paths = [f"P1_OD_{number}.jpg" for number in range(1, 5)]
    records = [*map(graded, paths), ungradable("P1_OS_1.jpg"), unreadable("P1_OS_2.jpg")]
    page = person_page(report_of(records), texts(language))
    say = texts(language).say
    assert f'<html lang="{language}">' in page
    assert page.count(say("disclaimer")) == 2
    assert page.count('<div class="shot">') == 4  # two of an eye have pictures
    assert re.findall(r"P1_O[DS]_\d", page) == [
        "P1_OD_1", "P1_OD_2", "P1_OD_3", "P1_OD_4", "P1_OS_1", "P1_OS_2"
    ]  # fmt: skip
    assert [title in page for title in (say("eye.right.title"), say("eye.left.title"))] == [1, 1]
    assert say("eye.unknown.title") not in page
    assert say("eye.none") not in page


def test_an_eye_without_a_photo_is_told_unless_nobody_knows_the_person():
    assert "No photo of this eye." in person_page(report_of([graded("P1_OD.jpg")]), texts("en"))
    alone = person_page(report_of([graded("x.jpg")], named=False), texts("en"))
    assert "No photo of this eye." not in alone
    assert "Side of the eye unknown" in alone
    assert "tells no person" in alone


def test_markup_in_a_name_is_text_on_the_page():
    page = person_page(located("<script>_OD.jpg"), texts("en"))
    assert "<script" not in page
    assert 'src="../overlays/0001-a%20b.jpg"' in page


def test_a_run_writes_each_person_and_goes_on_in_its_language(predict, photos, tmp_path):
    (photos / "a.jpg").rename(photos / "P1_OD.jpg")
    (photos / "b.jpg").rename(photos / "P1_OS.jpg")
    out = tmp_path / "out"
    predict(photos, "--out", out, "--language", "es")
    files = {file.name for file in (out / "people").iterdir()}
    assert files == {f"{name}.{kind}" for name in ("P1", "c", "d") for kind in ("html", "json")}
    page = out / "people" / "P1.html"
    assert broken_links(page) == broken_links(out / "report.html") == []
    assert "Ojo derecho" in page.read_text("utf-8")
    report = json.loads((out / "people" / "P1.json").read_text("utf-8"))
    assert [eye["eye"] for eye in report["eyes"]] == ["right", "left"]
    assert report["eyes"][0]["photos"][0]["disc_seen"] in (True, False)
    before = page.read_bytes()
    page.unlink()
    predict(photos, "--out", out, "--resume")
    assert page.read_bytes() == before
    predict(photos, "--out", out, "--resume", "--language", "en")
    assert "Right eye" in page.read_text("utf-8")
    predict(photos, "--out", out, "--resume")
    assert "Right eye" in page.read_text("utf-8")


def test_a_language_without_results_to_write_is_refused(predict, photos):
    ran = predict(photos, "--language", "es")
    assert ran.exit_code == 2
    assert "--language needs --out" in ran.output
