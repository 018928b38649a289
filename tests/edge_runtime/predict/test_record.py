"""Records: three kinds, written and read back by one codec, as their schema says."""

import importlib.util
import json

import jsonschema
import msgspec
import pytest

from edge_runtime.bundle.referral import Referral
from edge_runtime.contract import MANIFEST
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.photo.field import Field
from edge_runtime.predict.familiarity import Likeness
from edge_runtime.predict.record import (
    ErrorRecord,
    Explanation,
    GradedRecord,
    UngradableRecord,
    from_json,
    to_json,
)
from tests.conftest import ROOT
from tests.edge_runtime.results.records import REST

SCHEMAS = ROOT / "docs" / "schemas"
GRADED = GradedRecord(
    "a.jpg", "normal", 0.75, Referral(refer=False, score=0.25, threshold=0.5, why="25% is below"),
    None, Likeness(share=0.25, distance=0.5), {"glaucoma": 0.25, "normal": 0.75}, None,
    (Explanation("normal", positive_evidence=True, evidence_logits=1.5, evidence_outside=0.125),),
    "exact", 1e-7, (480, 640), Field(320, 240, 470, 460, 3), {"infer": 10.0}, *REST,
)  # fmt: skip
LOCATED = msgspec.structs.replace(
    GRADED,
    explanations=(
        Explanation("normal", True, 1.5, 0.125, zones={"disc": 1.0}, beside_disc="nasal, above"),
    ),
    landmarks=Landmarks((0.4, 0.0), 0.3, 0.9, None, "right"),
)
RECORDS = (
    GRADED,
    LOCATED,
    UngradableRecord("b.jpg", "too dark", *REST),
    UngradableRecord("b.jpg", "too dark", *REST, read_as=("12 bits", "by its profile")),
    ErrorRecord("c\udcff.jpg", "no photo", *REST),
)


def schema(name):
    return json.loads((SCHEMAS / name).read_text("utf-8"))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.status)
def test_a_record_is_read_back_as_it_was_written(record):
    line = to_json(record)
    assert line.isascii()
    assert "\n" not in line
    assert from_json(line) == record


def test_each_kind_says_its_status_and_has_what_it_can_have():
    written = [json.loads(to_json(record)) for record in RECORDS]
    assert [each["status"] for each in written] == ["ok", "ok", "ungradable", "ungradable", "error"]
    assert [("class" in e, "reason" in e, "error" in e) for e in written] == [
        (True, False, False), (True, False, False), (False, True, False), (False, True, False),
        (False, False, True),
    ]  # fmt: skip
    assert [each.get("read_as") for each in written] == [
        None, None, None, ["12 bits", "by its profile"], None
    ]  # fmt: skip
    assert not {"overlay", "zones", "beside_disc"} & written[0]["explanations"][0].keys()
    assert ["landmarks" in each for each in written] == [False, True, False, False, False]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "fine"}, {"status": None}, {"confidence": "high"}, {"path": 3},
        {"probabilities": {"normal": None}}, {"explanations": {}}, {"photo_size": [480]},
    ],
    ids=str,
)  # fmt: skip
def test_a_line_that_is_no_record_is_refused(change):
    from_json(to_json(GRADED))
    with pytest.raises(ValueError, match="isn't a record"):
        from_json(json.dumps(json.loads(to_json(GRADED)) | change))


@pytest.mark.parametrize("line", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b"{}"])
def test_what_is_no_json_object_is_refused(line):
    with pytest.raises(ValueError, match="isn't a record"):
        from_json(line)


def test_the_schemas_in_the_documents_are_those_of_the_types():
    place = importlib.util.spec_from_file_location("make", SCHEMAS / "make.py")
    make = importlib.util.module_from_spec(place)
    place.loader.exec_module(make)
    for name, kind in make.TYPES.items():
        assert (SCHEMAS / name).read_text("utf-8") == make.schema_text(kind)


def test_what_a_run_writes_is_as_the_schema_says(predict, photos, tmp_path):
    from tests.edge_runtime.outcomes import records_of

    (photos / "dark.png").write_bytes(b"")
    predict(photos, "--class", "all", "--out", tmp_path / "out")
    lines = records_of((tmp_path / "out" / "results.jsonl").read_text("utf-8"))
    assert {line["status"] for line in lines} >= {"ok", "error"}
    check = jsonschema.Draft202012Validator(schema("record.schema.json"))
    for line in [*lines, json.loads(to_json(LOCATED))]:
        check.validate(line)
    with pytest.raises(jsonschema.ValidationError):
        check.validate(lines[0] | {"path": 3})


def test_manifests_are_as_their_schema_says(exported):
    from edge_runtime.contract import DEFAULT_BUNDLE

    check = jsonschema.Draft202012Validator(schema("manifest.schema.json"))
    for bundle in (exported, DEFAULT_BUNDLE):
        manifest = json.loads((bundle / MANIFEST).read_text("utf-8"))
        check.validate(manifest)
        with pytest.raises(jsonschema.ValidationError):
            check.validate(manifest | {"input_size": 224})


def test_a_persons_report_is_as_its_schema_says(predict, photos, tmp_path):
    from tests.edge_runtime.results.test_person_report import located

    (photos / "dark_left.png").write_bytes(b"")
    predict(photos, "--class", "all", "--out", tmp_path / "out")
    files = sorted((tmp_path / "out" / "people").glob("*.json"))
    reports = [json.loads(file.read_text("utf-8")) for file in files]
    check = jsonschema.Draft202012Validator(schema("person.schema.json"))
    for report in [*reports, json.loads(json.dumps(msgspec.to_builtins(located())))]:
        check.validate(report)
    assert len(reports) == 5
    with pytest.raises(jsonschema.ValidationError):
        check.validate(reports[0] | {"eyes": [{"eye": "both", "laterality": None, "photos": []}]})
