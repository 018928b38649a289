"""What the device must never load, and which way imports point."""

import ast
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

FORBIDDEN = (
    "tensorflow", "keras", "tf2onnx", "onnx", "sklearn", "matplotlib", "ai_edge_litert",
    "train", "export", "calibration",
)  # fmt: skip

#: A package may import itself and those before it.
ORDER = ("edge_runtime", "train", "export", "calibration")

IMPORT = "import edge_runtime.cli"

PREDICT = """
import sys
from edge_runtime.cli import main
photo, bundle, out = sys.argv[1:]
main(["predict", photo, "--bundle", bundle, "--out", out, "--class", "all"], standalone_mode=False)
"""


def loaded_after(code, *arguments):
    """Run code in a fresh Python and list the forbidden modules that it loaded."""
    check = f"\nimport sys\nprint('LOADED', *sorted({set(FORBIDDEN)!r} & set(sys.modules)))\n"
    ran = subprocess.run(
        [sys.executable, "-c", code + check, *map(str, arguments)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    marker, *names = ran.stdout.splitlines()[-1].split()
    assert marker == "LOADED"
    return names


def imported_packages(source):
    """List the packages of this project that a module imports, wherever in it."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append(node.module)
    return {name.partition(".")[0] for name in names} & set(ORDER)


def wrong_way(package, source):
    """List the packages that a module of ``package`` imports and mustn't."""
    return imported_packages(source) - set(ORDER[: ORDER.index(package) + 1])


def test_importing_the_command_line_loads_no_framework():
    assert loaded_after(IMPORT) == []


def test_importing_the_command_line_loads_no_library_but_click():
    """So that ``--help`` is quick on a slow device."""
    slow = ("numpy", "cv2", "onnxruntime", "importlib.metadata", "subprocess", "tempfile")
    code = f"{IMPORT}\nimport sys\nprint(*sorted({set(slow)!r} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-S", "-c", "import sys; sys.path[:0] = "
        f"{[p for p in sys.path if p]!r}; {code}".replace("\n", "; ")], cwd=ROOT, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == []


def test_a_whole_prediction_loads_no_framework(photo_file, exported, tmp_path):
    out = tmp_path / "out"
    assert loaded_after(PREDICT, photo_file, exported, out) == []
    assert (out / "report.html").is_file()
    assert len(list((out / "overlays").iterdir())) == 4


@pytest.mark.parametrize("name", ["sklearn", "ai_edge_litert", "train", "export", "calibration"])
def test_the_check_of_what_is_loaded_can_fail(name):
    assert name in loaded_after(f"{IMPORT}\nimport {name}")


@pytest.mark.parametrize("package", ORDER)
def test_imports_point_one_way(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert len(files) > 1
    found = {
        str(file.relative_to(ROOT)): wrong_way(package, file.read_text("utf-8")) for file in files
    }
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("package", "source", "wrong"),
    [
        ("edge_runtime", "import train.model", {"train"}),
        ("edge_runtime", "def f():\n    from export import graph", {"export"}),
        ("train", "from calibration.quantise import quantise_model", {"calibration"}),
        ("export", "import edge_runtime, train, calibration.cli as c", {"calibration"}),
        ("export", "from train.model import build_model\nimport export.graph", set()),
        ("calibration", "import edge_runtime, train, export, calibration", set()),
    ],
)
def test_the_check_of_the_direction_tells_right_from_wrong(package, source, wrong):
    assert wrong_way(package, source) == wrong


@pytest.mark.parametrize(
    ("options", "left"),
    [(["--no-cache"], set()), ([], {"entry.json", "model.onnx", "model.weights"})],
    ids=["without the cache", "with it"],
)
def test_a_prediction_leaves_no_file_behind_but_its_results_and_the_cache(
    photo_file, exported, tmp_path, options, left
):
    home = tmp_path / "home"
    home.mkdir()
    places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR"), str(home))
    arguments = ["predict", str(photo_file), "--bundle", str(exported), *options]
    code = f"from edge_runtime.cli import main; main({arguments!r})"
    command = [sys.executable, "-c", code]
    unset = {"ORT_DISABLE_TELEMETRY", "FUNDUS_EDGE_CACHE"}
    environment = {k: v for k, v in os.environ.items() if k not in unset} | places
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stderr
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {path.name for path in files} == left
    assert all(path.parent.parent == home / "fundus-edge" for path in files)
