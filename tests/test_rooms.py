"""Imports point one way: from package to package, from room to room, and never in a circle."""

import ast
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.conftest import ROOT

#: A package may import those before it, and a room those before it in its package. What stands in
#: no room comes before all of them.
ROOMS = {
    "edge_runtime": (
        "system", "trust", "tlog", "bundle", "photo", "explain", "hospital", "engine", "predict",
        "results", "archive", "papers", "exchange", "station", "benchmarking", "commands",
    ),
    "train": (
        "metrics", "data", "network", "copies", "runs", "audit", "evaluation", "fitting",
        "commands",
    ),
    "export": (),
    "calibration": (
        "models", "familiarity", "confidence", "compare", "int8", "tflite", "explanations",
        "validation", "calibrate", "commands",
    ),
}  # fmt: skip


def is_module(name):
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def imported(source):
    """List the modules of this project that a source imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            within = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if is_module(name) else node.module for name in within}
    return {name for name in names if name.partition(".")[0] in ROOMS}


def floor(module):
    """Say how high a module stands: the number of its package and of its room."""
    package, room, *_ = [*module.split("."), ""]
    rooms = ROOMS[package]
    return list(ROOMS).index(package), rooms.index(room) + 1 if room in rooms else 0


def wrong_way(module, source):
    """List what a module imports from above."""
    return sorted(name for name in imported(source) if floor(name) > floor(module))


def sources():
    """Read every module by its dotted name, but for the face, which imports when it is asked."""
    modules = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): (
            file.read_text("utf-8")
        )
        for package in ROOMS
        for file in sorted((ROOT / package).rglob("*.py"))
    }
    del modules["edge_runtime"]
    return modules


def test_imports_point_one_way():
    modules = sources()
    assert len(modules) > 200
    found = {module: wrong_way(module, source) for module, source in modules.items()}
    assert {module: names for module, names in found.items() if names} == {}


def test_no_import_runs_in_a_circle():
    graph = {module: imported(source) - {module} for module, source in sources().items()}
    assert len(tuple(TopologicalSorter(graph).static_order())) >= len(graph)


def test_every_folder_is_a_room_and_says_what_it_is_for():
    folders = {
        package: {
            path.parent.name
            for path in (ROOT / package).glob("*/__init__.py")
            if len(path.read_text("utf-8")) > 20
        }
        for package in ROOMS
    }
    assert folders == {package: {*rooms} - {"calibrate"} for package, rooms in ROOMS.items()}


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        ("edge_runtime.contract", "import train.errors", ["train.errors"]),
        ("edge_runtime.photo.png", "def f():\n    from export import graph", ["export.graph"]),
        ("export.graph", "from calibration.int8.make import x", ["calibration.int8.make"]),
        ("export.graph", "from train.network.model import x\nimport export.onnx", []),
        ("calibration.calibrate", "import edge_runtime, train, export, calibration", []),
        (
            "edge_runtime.photo.decode",
            "from edge_runtime.predict import classifier",
            ["edge_runtime.predict.classifier"],
        ),
        ("edge_runtime.photo.decode", "from edge_runtime.photo import png, jpeg", []),
        ("edge_runtime.photo.decode", "from edge_runtime.bundle.manifest import x", []),
        ("edge_runtime.errors", "import edge_runtime.system.files", ["edge_runtime.system.files"]),
        ("train.data.table", "import train.fitting.fit", ["train.fitting.fit"]),
        ("calibration.models.weights", "import calibration.calibrate", ["calibration.calibrate"]),
    ],
)  # fmt: skip
def test_the_check_of_the_direction_tells_right_from_wrong(module, source, wrong):
    assert wrong_way(module, source) == wrong


def test_the_check_of_circles_can_fail():
    with pytest.raises(CycleError):
        tuple(TopologicalSorter({"a": {"b"}, "b": {"c"}, "c": {"a"}}).static_order())
