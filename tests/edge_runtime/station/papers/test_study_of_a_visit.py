"""What a hospital gets of a visit is one study and one person, whatever the camera's clock says."""

import pytest
from fhir.resources.R4B.bundle import Bundle as TheirBundle

from edge_runtime.station.camp_report import camp_report
from edge_runtime.station.camp_results import camp_results
from edge_runtime.station.events import EyeTold, VisitGoesOn
from tests.edge_runtime.station.papers.exported_visits import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Days,
    resources,
)

RESET = "2000:01:01 00:10:00"


@pytest.fixture
def days(store, intake, classifier, monkeypatch):
    return Days(store, intake, classifier, monkeypatch)


def told(objects, keyword):
    return {str(getattr(each, keyword)) for each in objects.values()}


def test_two_visits_of_a_camera_whose_clock_stands_still_are_two_studies(days):
    days.come("5_OD.jpg", "5_OS.jpg", exif=RESET)
    days.turn(WEDNESDAY)
    days.come("5_OD_2.jpg", "5_OS_2.jpg", exif=RESET)
    studies, series = [], []
    for day in (MONDAY, WEDNESDAY):
        (found,) = days.exported(day).people.values()
        assert len([each for each in found.objects if each.startswith("photo-")]) == 2
        assert told(found.objects, "StudyDate") == {day.replace("-", "")}
        (study,) = told(found.objects, "StudyInstanceUID")
        studies.append(study)
        series.append(told(found.objects, "SeriesInstanceUID"))
        photo = found.objects[f"photo-000{1 if day == MONDAY else 3}.dcm"]
        assert photo.AcquisitionDateTime == "20000101001000"
    assert studies[0] != studies[1]
    assert not series[0] & series[1]


def test_eyes_of_which_one_has_a_time_are_in_one_study(days):
    days.come("5_OD.jpg", exif=RESET)
    days.come("5_OS.jpg")
    days.come("5_OD_3.jpg", exif="2026:11:22 23:59:00")
    days.store.happen(EyeTold(1, "right"), EyeTold(3, "right"))
    (found,) = days.exported().people.values()
    assert len(told(found.objects, "StudyInstanceUID")) == 1
    photos = {each.SeriesInstanceUID for each in found.objects.values() if each.SeriesNumber == 1}
    assert len(photos) == 1  # of the cameras' times two


def test_a_visit_that_grows_stays_in_its_study(days):
    days.come("5_OD.jpg")
    (first,) = days.exported().people.values()
    days.turn(MONDAY, "16:00:00")
    days.come("5_OS.jpg", exif=RESET)
    (second,) = days.exported().people.values()
    assert told(first.objects, "StudyInstanceUID") == told(second.objects, "StudyInstanceUID")


def test_two_people_of_a_day_have_studies_of_their_own(days):
    days.come("5_OD.jpg")
    days.turn(MONDAY, "09:31:00")
    days.come("6_OD.jpg")
    five, six = days.exported().people.values()
    assert not told(five.objects, "StudyInstanceUID") & told(six.objects, "StudyInstanceUID")


def told_in(bundle):
    """Give what FHIR tells of the days of report and person, and of the study's."""
    (report,) = resources(bundle, "DiagnosticReport")
    person = next(
        each
        for each in resources(bundle, "Observation")
        if each["code"]["coding"][0]["code"] == "camp-person"
    )
    names = "effectiveDateTime", "effectivePeriod"
    both = [{name: each[name] for name in names if name in each} for each in (report, person)]
    assert both[0] == both[1]
    return both[0], [each.get("started") for each in resources(bundle, "ImagingStudy")]


def test_fhir_tells_the_day_or_the_days_of_a_visit(days):
    days.come("5_OD.jpg", exif=RESET)
    (found,) = days.exported().people.values()
    TheirBundle.model_validate(found.bundle)
    assert told_in(found.bundle) == ({"effectiveDateTime": MONDAY}, [MONDAY])
    days.turn(TUESDAY)
    days.come("5_OS.jpg")
    days.store.happen(VisitGoesOn(1, MONDAY, TUESDAY))
    (found,) = days.exported().people.values()
    TheirBundle.model_validate(found.bundle)
    both = {"effectivePeriod": {"start": MONDAY, "end": TUESDAY}}
    assert told_in(found.bundle) == (both, [MONDAY])
    (found,) = days.exported(has_dicom=False).people.values()
    assert told_in(found.bundle) == (both, [])


@pytest.mark.parametrize(("dates", "told"), [("REMOVED", ()), ("MODIFIED", (MONDAY,))])
def test_without_names_no_day_is_told_where_days_were_removed(days, store, classifier, dates, told):
    days.come("5_OD.jpg")
    report = camp_report(store, 1, classifier)
    made = camp_results(report, report.report, name="x", originals={}, overlays={}, dates=dates)
    assert made.said().days == told


def test_visits_of_a_date_that_came_again_are_two_studies(days):
    days.come("5_OD.jpg")
    exported = [days.exported()]
    days.turn(TUESDAY)
    days.come("6_OD.jpg")
    days.turn(MONDAY)  # the clock was set back, or stood still
    days.come("5_OD_2.jpg")
    exported.append(days.exported())
    studies = []
    for each in exported:
        found = each.people["0001-5"].objects
        assert told(found, "StudyDate") == {MONDAY.replace("-", "")}
        studies += told(found, "StudyInstanceUID")
    assert len({*studies}) == len(studies) == 2
