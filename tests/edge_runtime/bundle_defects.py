"""Every way in which a bundle may be wrong, and what is said of it."""

import hashlib
import json
import shutil

import numpy as np

from edge_runtime.bundle.manifest import SCHEMA
from edge_runtime.contract import MANIFEST

MODEL, GRADIENTS = "model.onnx", "gradients.npz"
_THRESHOLDS = {
    "no_referral": ["normal"],
    "sensitivity": 0.9,
    "classes": {
        name: {"threshold": 0.5} for name in ("cataract", "diabetic_retinopathy", "glaucoma")
    },
}


def read(bundle):
    return json.loads((bundle / MANIFEST).read_text("utf-8"))


def write(bundle, manifest):
    (bundle / MANIFEST).write_text(json.dumps(manifest), "utf-8")


def with_value(keys, value):
    """Make a defect: another value at a dotted key of the manifest."""

    def break_it(bundle):
        manifest = read(bundle)
        *above, last = keys.split("/")
        target = manifest
        for key in above:
            target = target[key]
        target[last] = value
        write(bundle, manifest)

    return break_it


def without(keys):
    """Make a defect: a dotted key of the manifest is gone."""

    def break_it(bundle):
        manifest = read(bundle)
        *above, last = keys.split("/")
        target = manifest
        for key in above:
            target = target[key]
        del target[last]
        write(bundle, manifest)

    return break_it


def with_bytes(name, change):
    """Make a defect: a file's bytes are changed, and the manifest doesn't know."""
    return lambda bundle: (bundle / name).write_bytes(change((bundle / name).read_bytes()))


def with_flipped_bit(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def with_file(name):
    """Make a defect: the manifest lists another file under a name."""

    def break_it(bundle):
        manifest = read(bundle)
        manifest["files"][name] = manifest["files"][MODEL]
        write(bundle, manifest)

    return break_it


def with_classes(change):
    """Make a defect: the manifest's classes are changed."""

    def break_it(bundle):
        manifest = read(bundle)
        manifest["classes"] = change(manifest["classes"])
        write(bundle, manifest)

    return break_it


def with_gradients(**arrays):
    """Make a defect: other arrays in gradients.npz, with a manifest that vouches for them."""

    def break_it(bundle):
        file = bundle / GRADIENTS
        with np.load(file) as old:
            np.savez(file, **{**old, **arrays})
        vouch(bundle, GRADIENTS)

    return break_it


def with_vouched_nonsense(bundle):
    (bundle / GRADIENTS).write_bytes(b"no archive")
    vouch(bundle, GRADIENTS)


def vouch(bundle, name):
    data = (bundle / name).read_bytes()
    manifest = read(bundle)
    manifest["files"][name] = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
    }
    write(bundle, manifest)


def with_link(bundle):
    target = shutil.move(bundle / MODEL, bundle.parent / "elsewhere.onnx")
    (bundle / MODEL).symlink_to(target)


def with_linked_manifest(bundle):
    target = shutil.move(bundle / MANIFEST, bundle.parent / "elsewhere.json")
    (bundle / MANIFEST).symlink_to(target)


DEFECTS = {
    "missing model": (lambda b: (b / MODEL).unlink(), MODEL, "is missing"),
    "missing gradients": (lambda b: (b / GRADIENTS).unlink(), GRADIENTS, "is missing"),
    "missing model card": (lambda b: (b / "MODEL_CARD.md").unlink(), "MODEL_CARD.md", "missing"),
    "link instead of manifest": (with_linked_manifest, MANIFEST, "is a link"),
    "key twice": (
        with_bytes(MANIFEST, lambda data: data.replace(b"{", b'{"name": "other",', 1)),
        MANIFEST,
        "has the key 'name' twice",
    ),
    "key of a model twice": (
        with_bytes(
            MANIFEST, lambda data: data.replace(b'"format"', b'"format": "coreml", "format"', 1)
        ),
        MANIFEST,
        "has the key 'format' twice",
    ),
    "link instead of model": (with_link, MODEL, "is a link"),
    "changed bit of model": (with_bytes(MODEL, with_flipped_bit), MODEL, "is changed"),
    "changed bit of gradients": (with_bytes(GRADIENTS, with_flipped_bit), GRADIENTS, "changed"),
    "truncated model": (with_bytes(MODEL, lambda data: data[:-1]), MODEL, "is truncated"),
    "empty model": (with_bytes(MODEL, lambda _: b""), MODEL, "is truncated"),
    "longer model": (with_bytes(MODEL, lambda data: data + b"x"), MODEL, "is changed"),
    "extra file": (lambda b: (b / "extra.bin").touch(), "extra.bin", "is not listed"),
    "extra hidden file": (lambda b: (b / ".extra").touch(), ".extra", "is not listed"),
    "extra folder": (lambda b: (b / "extra").mkdir(), "extra", "is not listed"),
    "newer schema": (with_value("schema", SCHEMA + 1), MANIFEST, "upgrade fundus-edge"),
    "schema zero": (with_value("schema", 0), MANIFEST, "never existed"),
    "schema text": (with_value("schema", "1"), MANIFEST, "'schema' that isn't a whole number"),
    "schema true": (with_value("schema", True), MANIFEST, "'schema' that isn't"),
    "no schema": (without("schema"), MANIFEST, "lacks 'schema'"),
    "name number": (with_value("name", 3), MANIFEST, "'name' that isn't text"),
    "no created": (without("created"), MANIFEST, "lacks 'created'"),
    "classes text": (with_value("classes", "normal"), MANIFEST, "'classes' that isn't a list"),
    "classes of numbers": (with_value("classes", [1, 2]), MANIFEST, "'classes' that isn't"),
    "one class": (with_value("classes", ["normal"]), MANIFEST, "at least two classes"),
    "class twice": (with_value("classes", ["a", "a"]), MANIFEST, "each named once"),
    "classes reordered": (with_classes(lambda c: [c[1], c[0], *c[2:]]), MANIFEST, "made for"),
    "class added": (with_classes(lambda c: [*c, "myopia"]), MANIFEST, "made for"),
    "class removed": (with_classes(lambda c: c[:-1]), MANIFEST, "made for"),
    "class renamed": (with_classes(lambda c: ["healthy", *c[1:]]), MANIFEST, "made for"),
    "input size short": (with_value("input_size", [64]), MANIFEST, "'input_size' that isn't"),
    "input size fraction": (with_value("input_size", [64.0, 64]), MANIFEST, "'input_size'"),
    "input size zero": (with_value("input_size", [64, 0]), MANIFEST, "'input_size'"),
    "feature shape text": (with_value("feature_shape", "8"), MANIFEST, "'feature_shape'"),
    "other channels": (with_value("feature_shape", [8, 8, 7]), GRADIENTS, "class gradients of"),
    "preprocessing text": (with_value("preprocessing", "crop"), MANIFEST, "'preprocessing'"),
    "preprocessing newer": (
        with_value("preprocessing/version", 99), MANIFEST, "newer than this version of fundus-edge"
    ),
    "preprocessing of version 1": (
        with_value("preprocessing", {"name": "field-of-view-crop", "version": 1}),
        MANIFEST,
        "train and export it anew with this version, or use the bundle of the package",
    ),
    "temperature text": (with_value("temperature", "1"), MANIFEST, "isn't a number"),
    "temperature zero": (with_value("temperature", 0), MANIFEST, "isn't above zero"),
    "temperature NaN": (with_value("temperature", float("nan")), MANIFEST, "isn't finite"),
    "temperature endless": (with_value("temperature", 10**400), MANIFEST, "is too large"),
    "size endless": (with_value("input_size", [10**400, 64]), MANIFEST, "is too large"),
    "temperature infinite": (with_value("temperature", float("inf")), MANIFEST, "isn't finite"),
    "thresholds list": (with_value("thresholds", []), MANIFEST, "'thresholds'"),
    "own temperature zero": (
        with_value("models/float32/temperature", 0), MANIFEST, "in 'models.float32'"
    ),
    "own temperature text": (
        with_value("models/float32/temperature", "1"), MANIFEST, "'models.float32.temperature'"
    ),
    "own thresholds list": (
        with_value("models/float32/thresholds", []), MANIFEST, "'models.float32.thresholds'"
    ),
    "own thresholds without a temperature": (
        with_value("models/float32/thresholds", _THRESHOLDS), MANIFEST, "to go with"
    ),
    "default model unknown": (with_value("default_model", "int9"), MANIFEST, "no model 'int9'"),
    "default model null": (with_value("default_model", None), MANIFEST, "'default_model'"),
    "models list": (with_value("models", []), MANIFEST, "'models' that isn't an object"),
    "no models": (with_value("models", {}), MANIFEST, "names no model"),
    "model text": (with_value("models/float32", "x"), MANIFEST, "'models.float32'"),
    "model file number": (with_value("models/float32/file", 1), MANIFEST, "float32.file'"),
    "model file unlisted": (with_value("models/float32/file", "x.onnx"), MANIFEST, "'x.onnx'"),
    "model file elsewhere": (with_value("models/float32/file", "../x"), MANIFEST, "'../x'"),
    "model without format": (without("models/float32/format"), MANIFEST, "float32.format'"),
    "gradients list": (with_value("gradients", []), MANIFEST, "'gradients'"),
    "gradients without file": (without("gradients/file"), MANIFEST, "'gradients.file'"),
    "origin null": (with_value("origin", None), MANIFEST, "'origin'"),
    "files list": (with_value("files", []), MANIFEST, "'files' that isn't an object"),
    "file text": (with_value(f"files/{MODEL}", "x"), MANIFEST, f"'files.{MODEL}'"),
    "hash number": (with_value(f"files/{MODEL}/sha256", 1), MANIFEST, "sha256'"),
    "hash of another": (with_value(f"files/{MODEL}/sha256", "0" * 64), MODEL, "is changed"),
    "size text": (with_value(f"files/{MODEL}/size_bytes", "1"), MANIFEST, "size_bytes'"),
    "file above": (with_file("../model.onnx"), MANIFEST, "'../model.onnx'"),
    "file absolute": (with_file("/etc/passwd"), MANIFEST, "'/etc/passwd'"),
    "file in folder": (with_file("sub/model.onnx"), MANIFEST, "'sub/model.onnx'"),
    "file of Windows": (with_file("..\\model.onnx"), MANIFEST, "can't be in a bundle"),
    "file dots": (with_file(".."), MANIFEST, "'..'"),
    "file without name": (with_file(""), MANIFEST, "''"),
    "file manifest": (with_file(MANIFEST), MANIFEST, "can't be in a bundle"),
    "file with zero byte": (with_file("a\0b"), MANIFEST, "can't be in a bundle"),
    "manifest no JSON": (with_bytes(MANIFEST, lambda data: data[:-30]), MANIFEST, "is not JSON"),
    "manifest empty": (with_bytes(MANIFEST, lambda _: b""), MANIFEST, "is not JSON"),
    "manifest deep": (with_bytes(MANIFEST, lambda _: b"[" * 200_000), MANIFEST, "is not JSON"),
    "manifest list": (with_bytes(MANIFEST, lambda _: b"[]"), MANIFEST, "not a JSON object"),
    "manifest no UTF-8": (with_bytes(MANIFEST, lambda d: b"\xff" + d), MANIFEST, "not UTF-8"),
    "gradients no archive": (with_vouched_nonsense, GRADIENTS, "it is no whole NumPy archive"),
    "gradients pickled": (
        with_gradients(class_gradients=np.array([None])), GRADIENTS, "it is no whole NumPy archive"
    ),
    "gradients of one number": (with_gradients(classes=np.array("a")), GRADIENTS, "can't be read"),
    "gradients NaN": (
        with_gradients(class_gradients=np.full((4, 32), np.nan, np.float32)),
        GRADIENTS,
        "aren't finite",
    ),
    "gradients double": (with_gradients(class_gradients=np.zeros((4, 32))), GRADIENTS, "float64"),
}  # fmt: skip
