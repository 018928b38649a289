"""A bundle of ours is read back to the last digit, and none that lies brings the reader down."""

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from edge_runtime.exchange.fhir_bundle import bundle_json, person_bundle
from tests.edge_runtime.exchange.read_fhir import read_bundle
from tests.edge_runtime.exchange.reports import facts, full, said_of
from tests.edge_runtime.exchange.said import image, person, persons, photo
from tests.edge_runtime.results.records import ungradable, unreadable


def made(who):
    return bundle_json(person_bundle(who, contents={}))


def counted(who):
    """Number the photos in their order, and leave out what FHIR isn't told, as the reader does."""
    numbers = iter(range(1, 1000))

    def told(one):
        name = "" if one.image else one.name
        return replace(one, number=next(numbers), name=name, overlays=())

    eyes = tuple(replace(each, photos=tuple(map(told, each.photos))) for each in who.eyes)
    return replace(who, eyes=eyes)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(persons)
def test_every_statement_comes_back_as_it_was(who):
    assert read_bundle(made(who)) == counted(who)


@pytest.mark.parametrize("named", [True, False])
def test_all_that_a_record_can_have_comes_back_in_fhir(named):
    who = said_of(
        full("P1_OD.jpg", disc="right"),
        full("P1_OS.jpg", disc="right"),  # against the name
        full("scan.jpg", disc="left"),
        full("a.dcm", dicom=facts("L", patient="P1")),
        full("b.dcm", dicom=facts("B", patient="P1", frame=2)),
        ungradable("P1_OD_2.jpg"),
        unreadable("P1_OS_2.jpg"),
        named=named,
    )
    read = read_bundle(made(who))
    assert [(each.eye, len(each.photos)) for each in read.eyes] == [
        ("right", 2), ("left", 2), (None, 3)
    ]  # fmt: skip
    assert read == counted(who)


def altered(change):
    bundle = json.loads(made(person(photo(1, of_object=image()))))
    change([each["resource"] for each in bundle["entry"]])
    return json.dumps(bundle)


def of_kind(resources, kind):
    return [each for each in resources if each["resourceType"] == kind]


def other_eye(resources):
    left = {**of_kind(resources, "Observation")[0]["bodySite"]["coding"][0]}
    left |= {"code": "81745001:272741003=7771000", "display": "Left eye"}
    of_kind(resources, "Observation")[0]["bodySite"]["coding"][0] = left


def no_site(resources):
    for each in of_kind(resources, "Observation"):
        del each["bodySite"]


def other_site(resources):
    for each in of_kind(resources, "Observation"):
        each["bodySite"]["coding"][0]["code"] = "40638003"


def other_unit(resources):
    of_kind(resources, "Observation")[0]["valueQuantity"]["code"] = "%"


def lost_member(resources):
    of_kind(resources, "Observation")[-1]["hasMember"][0]["reference"] = "urn:uuid:0"


def other_terms(resources):
    of_kind(resources, "Observation")[0]["code"]["coding"][0]["system"] = "http://loinc.org"


def no_patient(resources):
    of_kind(resources, "Patient")[0]["identifier"] = []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (other_eye, "of another eye"), (no_site, "which part of the body"),
        (other_site, "another part of the body"), (other_unit, "another unit"),
        (lost_member, "leads to no Observation"), (other_terms, "another terminology"),
        (no_patient, "whose it is"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_in_a_clause(change, said):
    with pytest.raises(ValueError, match=said):
        read_bundle(altered(change).encode())


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\xff", b"[" * 10_000, b'{"resourceType": "Patient"}']
)
def test_what_is_no_bundle_is_refused(data):
    with pytest.raises(ValueError, match="isn't a bundle as this version writes it"):
        read_bundle(data)


def test_spoilt_bundles_are_read_or_refused_and_bring_nothing_down():
    data, chance = made(person(photo(1, of_object=image()))), random.Random(7)
    refused = 0
    for _ in range(400):
        bundle = json.loads(data)
        for _ in range(chance.randint(1, 3)):
            spoil(bundle, chance)
        try:
            read_bundle(json.dumps(bundle).encode())
        except ValueError:
            refused += 1
    assert refused > 100


def spoil(value, chance):
    """Walk down somewhere and change, double or delete what is there."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = chance.choice(keys)
        inner = value[key]
        if isinstance(inner, dict | list) and chance.random() < 0.85:
            value = inner
            continue
        if chance.random() < 0.5:
            del value[key]
        else:
            value[key] = chance.choice([None, 1e300, "", "x", [], {}, [inner, inner], True])
        return
