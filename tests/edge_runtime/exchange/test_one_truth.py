"""SR, FHIR and JSON of a person say the same: each is read back, and every coded value is equal."""

import json
from collections import Counter

import pytest
from fhir.resources.R4B.bundle import Bundle as TheirBundle

from edge_runtime.exchange import codes
from edge_runtime.exchange.read_results import read_results
from edge_runtime.exchange.state import statements_of
from tests.edge_runtime.exchange.conftest import run
from tests.edge_runtime.exchange.read_fhir import read_bundle
from tests.edge_runtime.exchange.read_report import read_report
from tests.edge_runtime.exchange.record_server import RecordServer

pytestmark = pytest.mark.slow  # they run the package's model


@pytest.fixture(scope="session")
def bundles(hospital):
    """The bundles that are made of the run of all kinds of persons, a file each."""
    told = run("fhir", "report", hospital / "out", "--out", hospital / "fhir")
    assert told.exit_code == 0, told.output
    return hospital / "fhir"


@pytest.fixture(scope="session")
def three(hospital, reports, bundles):
    """Of each person by their file: the results, the SR and the bundle, read back."""
    return {
        each.file: (
            each,
            read_report(next((reports / each.file).glob("report.dcm"))),
            read_bundle((bundles / f"{each.file}.json").read_bytes()),
        )
        for each in read_results(hospital / "out")
    }


def test_the_persons_are_of_all_kinds(three):
    kinds = {
        file: sorted(
            f"{photo.eye} {one.value.code.value}"
            for photo in bundle.photos
            for one in photo.statements
            if one.concept == codes.IMAGE_QUALITY
        )
        for file, (_, _, bundle) in three.items()
    }
    assert kinds["Ñandú-7"] == ["None graded", "left graded", "right graded"]
    assert kinds["Q7"] == ["left graded", "left ungradable"]
    assert kinds["J2"] == ["left graded", "right graded"]
    assert kinds["E9"] == ["left unreadable"]
    assert kinds["D3"] == ["left ungradable"]
    assert kinds["scan"] == ["None graded"]
    assert len(kinds) == 7


def test_sr_and_fhir_say_of_each_photo_what_is_said(three):
    for results, sr, bundle in three.values():
        said = statements_of(results.report, results.facts)
        assert len(said.photos) == len(sr.photos) == len(bundle.photos)
        for own, in_sr, in_fhir in zip(said.photos, sr.photos, bundle.photos, strict=True):
            assert in_sr.statements == in_fhir.statements == own.statements
            assert in_sr.eye == in_fhir.eye == own.eye
            assert in_fhir.image == own.image
            assert own.image in (in_sr.source, None)
            assert (in_fhir.time, in_fhir.acquired) == (own.time, own.acquired)
        assert sr.general == bundle.general == said.general
        assert bundle.algorithm == said.algorithm
        assert bundle.patient == said.patient
        assert bundle.disclaimer == said.disclaimer


def test_they_say_what_the_json_says_by_a_reading_of_its_own(hospital, three):
    compared = Counter()
    for file, (_, sr, bundle) in three.items():
        raw = json.loads((hospital / "out" / "people" / f"{file}.json").read_bytes())
        photos = {each["number"]: each for eye in raw["eyes"] for each in eye["photos"]}
        said = three[file][0]
        order = [each.number for each in statements_of(said.report, said.facts).photos]
        for number, in_sr, in_fhir in zip(order, sr.photos, bundle.photos, strict=True):
            for told in (in_sr, in_fhir):
                compared += compare(photos[number], told)
    # a reading that finds nothing would agree with everything
    assert {key for key, count in compared.items() if count > 4} == {
        "probability", "class", "quality", "eye", "referral", "familiarity", "zone",
    }  # fmt: skip


def compare(raw, told):
    """Hold what is told of a photo against the JSON of it; counts what there was to compare."""
    values = {}
    for each in told.statements:
        key = each.concept.value, *(one.value.value for one in each.qualifiers)
        values.setdefault(key, []).append(plain(each.value))
    count = Counter()
    for found in raw["findings"]:
        code = found["coding"]["code"] if found["coding"] else f"class-{found['class']}"
        assert values["probability", code] == [found["probability"]]
        count["probability"] += 1
        if found["is_predicted"]:
            assert values["121071",] == [code]
            count["class"] += 1
    assert values["111101",] == [raw["quality"]["status"]]
    by_dicom = raw["side"].get("by_dicom")
    believed = by_dicom["eye"] if by_dicom else raw["side"]["in_name"]
    assert told.eye == (None if raw["side"]["doubt"] else believed)
    assert (("side-doubt",) in values) == (told.eye is None)
    count["quality"] += 1
    count["eye"] += 1
    if referral := raw["referral"]:
        assert values["referral",] == ["refer" if referral["refer"] else "no-referral"]
        assert values["referral-score",] == [referral["score"]]
        assert values["referral-limit",] == [referral["threshold"]]
        count["referral"] += 1
    if likeness := raw["familiarity"]:
        assert values["familiarity",] == [likeness["share"]]
        assert values["strangeness",] == [likeness["distance"]]
        count["familiarity"] += 1
    assert len(values.get(("caution",), [])) == len(raw["cautions"])
    count["caution"] += len(raw["cautions"])
    for evidence in raw["evidence"]:
        of = next(each for each in raw["findings"] if each["class"] == evidence["class"])
        code = of["coding"]["code"] if of["coding"] else f"class-{of['class']}"
        assert values["evidence-outside", code] == [evidence["outside"]]
        for zone, share in (evidence["zones"] or {}).items():
            key = "evidence-in-zone", code, f"zone-{zone.replace('_', '-')}"
            assert values[key] == [share]
            count["zone"] += 1
    assert len([key for key in values if key[0] == "probability"]) == len(raw["findings"])
    return count


def plain(value):
    return (
        value.code.value if hasattr(value, "code") else getattr(value, "text", None) or value.value
    )


def test_each_bundle_is_read_by_others_and_a_record_takes_all_of_them_once(bundles):
    server = RecordServer()
    files = [each.read_bytes() for each in sorted(bundles.iterdir())]
    for data in files:
        TheirBundle.model_validate_json(data)
        assert server.take(data) > 0
    assert [server.take(data) for data in files] == [0] * len(files)
    assert len(server.of("Patient")) == len(files) == 7
    assert len(server.of("Device")) == 1
    assert len(server.of("ImagingStudy")) == 2
    assert "M\u00fcller" not in b"".join(files).decode()  # no name of a patient is written
