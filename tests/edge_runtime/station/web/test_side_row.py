"""Who told the eye, and what speaks against it, stands beside the photograph and on the slip."""

import dataclasses

import msgspec
import pytest

from edge_runtime.results.texts import texts
from edge_runtime.station.events import EyeTold, RetakeAsked
from edge_runtime.station.papers.slip import slip_of
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.side_row import side_row
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.papers.slips import station_of
from tests.edge_runtime.station.web.test_dicom_pages import told as dicom

EN = texts("en", TEXTS)
OPERATOR = "the operator says left eye"


def by_disc(store, number, eye):
    """Let the optic disc of a photograph lie as in an eye."""
    photo = msgspec.structs.replace(store.camp.photos[number], eye_by_disc=eye)
    store.camp.photos[number] = photo
    told = store.camp.told[number]
    store.camp.told[number] = dataclasses.replace(
        told, photo=photo, eye=told.eye if told.eye_is_told else photo.eye
    )


@pytest.mark.parametrize(
    ("path", "record", "disc", "said"),
    [
        ("scan.jpg", None, "right", f"the optic disc lies as in a right eye; {OPERATOR}"),
        ("1_OD.jpg", None, None, f"the file's name says right eye; {OPERATOR}"),
        ("1_OD.jpg", None, "right",
         f"the file's name says right eye; the optic disc lies as in a right eye; {OPERATOR}"),
        ("1_OS.jpg", None, "right", f"the optic disc lies as in a right eye; {OPERATOR}"),
        ("a.dcm", dicom("R"), None, f"the DICOM file says right eye; {OPERATOR}"),
        ("a.dcm", dicom("B"), None, f"the DICOM file says that it shows both eyes; {OPERATOR}"),
        ("a.dcm", dicom("L", by_disc="right"), "right",
         f"the optic disc lies as in a right eye; {OPERATOR}"),
    ],
)  # fmt: skip
def test_what_is_against_the_operators_word_is_a_warning(store, path, record, disc, said):
    added(store, path, record=record)
    store.happen(EyeTold(1, "left"))
    by_disc(store, 1, disc)
    assert side_row(store.camp.told[1], EN) == ("side", said, True)


def test_nothing_is_said_where_all_agree_and_that_nobody_can_tell_is_said(store):
    added(store, "1_OS.jpg")
    store.happen(EyeTold(1, "left"))
    by_disc(store, 1, "left")
    assert side_row(store.camp.told[1], EN) is None
    store.happen(EyeTold(1, None))
    said = side_row(store.camp.told[1], EN)
    assert said == ("side", "the operator can't tell which eye it is", True)


def test_an_eye_by_its_optic_disc_alone_is_a_guess_in_title_and_code(store, intake, classifier):
    added(store, "scan.jpg", 0.9)
    by_disc(store, 1, "left")
    slip = slip_of(station_of(store, intake, classifier), 1)
    left = next(each for each in slip.eyes if each.eye == "left")
    assert left.title == "Left eye (OS), a guess"
    assert ";left?=refer;" in slip.code
    spanish = slip_of(station_of(store, intake, classifier, "es"), 1)
    assert [each.title for each in spanish.eyes if each.is_guess] == [
        "Ojo izquierdo (OS), una suposición"
    ]
    store.happen(EyeTold(1, "left"))
    slip = slip_of(station_of(store, intake, classifier), 1)
    assert "guess" not in str([each.title for each in slip.eyes])
    assert ";left=refer;" in slip.code


def test_a_guess_that_was_set_aside_makes_no_guess_of_the_eye(store, intake, classifier):
    added(store, "scan.jpg", 0.9)
    added(store, "1_OS.jpg", person=1)
    store.happen(RetakeAsked(1, "dark"))
    by_disc(store, 1, "left")
    slip = slip_of(station_of(store, intake, classifier), 1)
    assert not any(each.is_guess for each in slip.eyes)
