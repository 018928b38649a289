"""Statements are read within bounds: what lies is refused, and what is new passed over."""

import hashlib
import json
from dataclasses import replace

import pytest

from edge_runtime import load_bundle
from edge_runtime.bundle.attestation import (
    BUILDER,
    PROVENANCE,
    TEST_RESULT,
    VALIDATE,
    BuildDefinition,
    Builder,
    Provenance,
    Resource,
    RunDetails,
    attest,
)
from edge_runtime.bundle.attestations import (
    ATTESTATIONS,
    parse_attestations,
    read_attestations,
    write_attestations,
)
from edge_runtime.bundle.attested import attested, doubts_of
from edge_runtime.bundle.bundle import write_bundle
from edge_runtime.errors import BundleInvalidError

DIGEST = hashlib.sha256(b"a").hexdigest()


def step(*subjects, made_of=(), kind="urn:fundus-edge:export:1"):
    how = BuildDefinition(kind, {"name": "x"}, tuple(made_of))
    return attest(subjects, Provenance(how, RunDetails(Builder(BUILDER, {"python": "3.11"}))))


def resource(name, digest=DIGEST):
    return Resource(name, digest={"sha256": digest})


def line(**changed):
    return json.dumps({**step(resource("model.onnx")).raw, **changed}).encode() + b"\n"


def test_what_is_written_is_read_as_it_was(tmp_path):
    data = write_attestations(tmp_path, [step(resource("model.onnx"), made_of=[resource("b")])])
    (found,) = parse_attestations(data)
    assert found.step == "export"
    assert found.subjects == (resource("model.onnx"),)
    assert found.said.build_definition.resolved_dependencies == (resource("b"),)
    assert write_attestations(tmp_path, [found]) == data
    assert parse_attestations(b"") == ()


def test_what_other_programs_state_is_passed_over_and_kept(tmp_path):
    foreign = [
        line(predicateType="https://example.org/review/v3", predicate={"buildDefinition": 7}),
        line(predicate={"buildDefinition": {"buildType": "https://example.org/x"}, "result": []}),
        line(predicateType=TEST_RESULT, predicate={"result": "?", "configuration": [{"uri": 7}]}),
        line(predicateType=PROVENANCE, predicate={}, more="unknown fields are no error"),
    ]
    found = parse_attestations(b"".join(foreign))
    assert [each.said for each in found] == [None] * 4
    assert [each.step for each in found] == [""] * 4
    again = parse_attestations(write_attestations(tmp_path, found))
    assert [each.raw for each in again] == [json.loads(each) for each in foreign]


OURS = {"configuration": [{"uri": VALIDATE}], "result": "PASSED"}
OURS_65 = [{"uri": VALIDATE}] * 65
DEEP = b'{"a":' * 100_000
LIES = {
    "no JSON": (b"{\n", "is not JSON (it goes wrong at line 1, column 2), in line 1"),
    "an empty line": (b"\n" + line(), "is not JSON"),
    "a line cut off": (line()[:-20], "is not JSON"),
    "no text": (b"\xff\n", "is not JSON"),
    "nested deeply": (DEEP, "nested too deeply"),
    "no object": (b"[]\n", "is not a JSON object, in line 1"),
    "in the second line": (line() + b"7\n", "in line 2"),
    "no statement": (line(_type="https://in-toto.io/Statement/v0.1"), "says 'https://in-toto.io/"),
    "of nothing": (line(subject=[]), "is about 0 files, not 1 to 64"),
    "of too much": (line(subject=[{"digest": {"sha256": DIGEST}}] * 65), "is about 65 files"),
    "without a hash": (line(subject=[{"name": "a"}]), "names 'a' without a SHA-256"),
    "a hash of another kind": (line(subject=[{"digest": {"sha1": "0" * 40}}]), "without a SHA-256"),
    "a hash in capitals": (
        line(subject=[{"digest": {"sha256": DIGEST.upper()}}]), "without a SHA-256",
    ),
    "a result that isn't one": (
        line(predicateType=TEST_RESULT, predicate=OURS | {"result": "GREAT"}),
        "has 'predicate.result' that is none of PASSED, WARNED, FAILED, in line 1",
    ),
    "a result of too much": (
        line(predicateType=TEST_RESULT, predicate=OURS | {"configuration": OURS_65}),
        "names 65 things that went into it, more than 64",
    ),
    "options that are a list": (
        line(predicate={"buildDefinition": {
            "buildType": "urn:fundus-edge:export:1", "externalParameters": []}}),
        "has 'predicate.buildDefinition.externalParameters' that isn't an object",
    ),
    "a key twice": (b'{"_type": 1, "_type": 2}\n', "has the key '_type' twice"),
    "a number without end": (b'{"a": NaN}\n', "isn't finite"),
    "too many": (line() * 65, "has 65 statements, more than 64"),
    "too large": (b" " * (1 << 20) + line(), "has more than 1048576 bytes"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_what_lies_is_refused_in_a_clause(lie):
    data, said = LIES[lie]
    with pytest.raises(ValueError, match=r"^[^\n]+$") as caught:
        parse_attestations(data)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 300


def with_statements(bundle, *attestations):
    """Give a bundle other statements, with hashes that are right."""
    manifest = load_bundle(bundle).manifest
    content = {name: (bundle / name).read_bytes() for name in manifest.files}
    content[ATTESTATIONS] = write_attestations(bundle, attestations)
    write_bundle(bundle, manifest, content, force=True)
    return load_bundle(bundle)


def test_a_bundle_with_such_a_file_runs_and_its_statements_are_refused(bundle):
    manifest = load_bundle(bundle).manifest
    content = {name: (bundle / name).read_bytes() for name in manifest.files}
    write_bundle(bundle, manifest, {**content, ATTESTATIONS: b"{\n"}, force=True)
    loaded = load_bundle(bundle)  # where a model runs nobody reads it
    with pytest.raises(BundleInvalidError, match=r"refused: attestations\.jsonl is not JSON"):
        read_attestations(loaded)


def test_more_than_any_reader_takes_is_not_written(tmp_path):
    with pytest.raises(BundleInvalidError, match="has 65 statements"):
        write_attestations(tmp_path, [step(resource("a"))] * 65)


def test_a_statement_of_another_file_is_told(bundle):
    loaded = load_bundle(bundle)
    stated = read_attestations(loaded)
    assert list(doubts_of(stated, loaded.manifest)) == []
    loaded = with_statements(bundle, *stated, step(resource("model.onnx"), resource("gone.onnx")))
    here = loaded.manifest.files["model.onnx"].sha256[:16]
    assert list(doubts_of(read_attestations(loaded), loaded.manifest)) == [
        f"export speaks of model.onnx ({DIGEST[:16]}), and the file of that name here is another: "
        f"{here}",
        f"export speaks of gone.onnx ({DIGEST[:16]}), which isn't in this bundle",
    ]


def test_what_later_steps_were_made_of_need_not_be_there(bundle):
    loaded = load_bundle(bundle)
    later = step(
        resource("model.onnx", loaded.manifest.files["model.onnx"].sha256),
        made_of=[resource("float.onnx")],
        kind="urn:fundus-edge:calibrate:1",
    )
    stated = (*read_attestations(loaded), step(resource("float.onnx")), later)
    assert list(doubts_of(stated, loaded.manifest)) == []
    assert len(list(doubts_of(stated[:2], loaded.manifest))) == 1


def test_nobody_makes_a_file_of_itself(bundle):
    loaded = load_bundle(bundle)
    own = step(resource("model.onnx"), made_of=[resource("model.onnx")])
    stated = (*read_attestations(loaded), own)
    (doubt,) = doubts_of(stated, loaded.manifest)
    assert "is another" in doubt


def test_files_of_which_no_step_tells_are_named(bundle):
    loaded = load_bundle(bundle)
    digests = {name: entry.sha256 for name, entry in loaded.manifest.files.items()}
    stated = [step(resource("model.onnx", digests["model.onnx"]))]
    assert set(doubts_of(stated, loaded.manifest)) == {
        "no statement says what model.tflite was made of",
        "no statement says what gradients.npz was made of",
    }


def test_figures_other_than_the_manifests_are_told(bundle):
    loaded = load_bundle(bundle)
    models = dict(loaded.manifest.models)
    better = replace(models["float32"].metrics["val_dir"], accuracy=0.99)
    models["float32"] = replace(
        models["float32"], metrics={**models["float32"].metrics, "val_dir": better}
    )
    (doubt,) = doubts_of(read_attestations(loaded), replace(loaded.manifest, models=models))
    assert doubt == "export measured other figures of float32 than the manifest has"


def test_whatever_is_written_there_is_told_on_short_lines(bundle):
    deep = {"a": {"b": {"c": {"d": {"e": {}}}}}}
    long = Resource(
        "x" * 5000, digest={"sha256": DIGEST}, annotations={"of": deep, "n": ["y"] * 999}
    )
    loaded = load_bundle(bundle)
    told = list(attested((step(long, made_of=[long]),), loaded.manifest))
    assert max(len(said) for _, said in told) < 900
    assert "of (a (b (c (d ...))))" in attested_line(deep, loaded.manifest)


def attested_line(noted, manifest):
    made_of = Resource("m", digest={"sha256": DIGEST}, annotations={"of": noted})
    told = attested((step(resource("a"), made_of=[made_of]),), manifest)
    return next(said for about, said in told if about == "  made of")
