"""Whatever bytes come, decoding and reading a bundle end in a value or in one sentence.

FUNDUS_EDGE_FUZZ is a factor on the number of cases: 1 in CI, more for a long run.
"""

import json
import os
import resource
import shutil
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_runtime.bundle.attestation import VALIDATE, Examination, Resource, attest
from edge_runtime.bundle.attestations import (
    ATTESTATIONS,
    parse_attestations,
    write_attestations,
)
from edge_runtime.bundle.attested import attested
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.bundle.manifest import Manifest, parse_manifest
from edge_runtime.bundle.verdict import GateVerdict
from edge_runtime.errors import BundleInvalidError, FundusError
from tests.edge_runtime.files import encoded, jpeg_with_exif, noisy, png, tiff_of
from tests.edge_runtime.fuzzing import check_decode, check_sentence, spoilt

FACTOR = int(os.environ.get("FUNDUS_EDGE_FUZZ", "1"))
QUICK = settings(
    max_examples=200 * FACTOR, deadline=None, derandomize=FACTOR == 1, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip

#: A fundus of few pixels, so that many cases are tried.
PHOTO = cv2.GaussianBlur(noisy(60, 80), (0, 0), 3)
SEEDS = {
    "jpeg": encoded(PHOTO, ".jpg"),
    "restarts": encoded(PHOTO, ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 4),
    "progressive": encoded(PHOTO, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "exif": jpeg_with_exif(encoded(PHOTO, ".jpg"), 6),
    "png": encoded(PHOTO, ".png"),
    "interlaced": png(bytes(2000), width=9, height=8, colour=0, interlace=1)[:-20],
    "tiff": tiff_of([PHOTO]),
    "deflated": tiff_of([PHOTO], compression=8, order=">"),
    "lzw": encoded(PHOTO, ".tiff"),
    "bmp": encoded(PHOTO, ".bmp"),
    "webp": encoded(PHOTO, ".webp", cv2.IMWRITE_WEBP_QUALITY, 80),
    "lossless": encoded(PHOTO, ".webp", cv2.IMWRITE_WEBP_QUALITY, 101),
}
MAGICS = [
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"II*\x00",
    b"MM\x00*",
    b"BM",
    b"RIFF\x20\0\0\0WEBP",
]


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("kind", sorted(SEEDS))
def test_a_spoilt_photo_is_decoded_or_refused_in_bounded_time_and_memory(kind):
    generator = np.random.default_rng(sorted(SEEDS).index(kind) + 1000 * FACTOR)
    before, longest = peak_mib(), 0.0
    for _ in range(200 * FACTOR):
        data = spoilt(SEEDS[kind], generator)
        started = time.thread_time()
        check_decode(data)
        longest = max(longest, time.thread_time() - started)
    assert longest < 5  # seconds of work for a photo of 1 megapixel at most: no hang
    # 3 MB of pixels, at most thrice at once, and what the libraries hold
    assert peak_mib() - before < 100


@QUICK
@given(magic=st.sampled_from(MAGICS), rest=st.binary(max_size=400))
def test_any_bytes_behind_a_formats_first_ones_are_decoded_or_refused(magic, rest):
    check_decode(magic + rest)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def manifest(exported):
    return json.loads((exported / "manifest.json").read_text("utf-8"))


def places(value, path=()):
    """List every place in a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


@QUICK
@given(data=st.data(), value=ANYTHING)
def test_a_manifest_with_anything_anywhere_is_read_or_refused(manifest, data, value):
    changed = json.loads(json.dumps(manifest))
    *outer, last = data.draw(st.sampled_from(sorted(places(changed), key=str)))
    place = changed
    for key in outer:
        place = place[key]
    place[last] = value
    try:
        parsed = parse_manifest(json.dumps(changed))
    except ValueError as error:
        check_sentence(BundleInvalidError(Path("bundle"), "manifest.json", str(error)))
    else:
        assert isinstance(parsed, Manifest)
        assert parse_manifest(parsed.to_json()) == parsed


@pytest.fixture(scope="module")
def statements(exported):
    """What export states, and what a validation would."""
    gate = GateVerdict("agreement_min", True, 1.0, 0.99)
    judged = Examination("PASSED", (Resource("v", VALIDATE),), ("agreement_min",), gates=(gate,))
    named = Resource("model.onnx", digest={"sha256": "0" * 64})
    first = json.loads((exported / ATTESTATIONS).read_text("ascii"))
    return load_bundle(exported).manifest, [first, attest((named,), judged).raw]


@QUICK
@given(data=st.data(), value=ANYTHING)
def test_a_statement_with_anything_anywhere_is_told_or_refused(statements, data, value):
    manifest, stated = statements
    changed = json.loads(json.dumps(stated))
    *outer, last = data.draw(st.sampled_from(sorted(places(changed), key=str)))
    place = changed
    for key in outer:
        place = place[key]
    place[last] = value
    try:
        parsed = parse_attestations("\n".join(map(json.dumps, changed)).encode())
    except ValueError as error:
        check_sentence(BundleInvalidError(Path("bundle"), ATTESTATIONS, str(error)))
    else:
        assert all(said for _, said in attested(parsed, manifest))
        assert parse_attestations(write_attestations(Path("bundle"), parsed)) == parsed


@QUICK
@given(text=st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_as_a_manifest_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  # each has its own sentence
        parse_manifest(text)


@pytest.fixture(scope="module")
def spoilable(exported, tmp_path_factory):
    return shutil.copytree(exported, tmp_path_factory.mktemp("fuzz") / "bundle")


@pytest.mark.parametrize("name", ["manifest.json", "gradients.npz", "model.onnx"])
def test_a_spoilt_bundle_is_refused_in_one_sentence(exported, spoilable, name):
    generator = np.random.default_rng(FACTOR)
    whole = (exported / name).read_bytes()
    for _ in range(60 * FACTOR):
        changed = spoilt(whole, generator)
        (spoilable / name).write_bytes(changed)
        try:
            load_bundle(spoilable)
        except FundusError as error:
            check_sentence(error)
        else:  # a manifest may change where nothing is checked, in a text or a figure
            assert name == "manifest.json" or changed == whole
    (spoilable / name).write_bytes(whole)


def test_class_gradients_that_a_manifest_vouches_for_are_still_read_with_care(exported, spoilable):
    import hashlib

    generator = np.random.default_rng(7 * FACTOR)
    manifest = json.loads((exported / "manifest.json").read_text("utf-8"))
    whole = (exported / "gradients.npz").read_bytes()
    for _ in range(100 * FACTOR):
        changed = spoilt(whole, generator)
        (spoilable / "gradients.npz").write_bytes(changed)
        entry = {"sha256": hashlib.sha256(changed).hexdigest(), "size_bytes": len(changed)}
        files = manifest["files"] | {"gradients.npz": entry}
        text = json.dumps(manifest | {"files": files})
        (spoilable / "manifest.json").write_text(text, "utf-8")
        try:
            load_bundle(spoilable)
        except FundusError as error:
            check_sentence(error)
    for name in ("gradients.npz", "manifest.json"):
        shutil.copy(exported / name, spoilable / name)
