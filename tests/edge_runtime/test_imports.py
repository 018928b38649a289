"""What the device must never load."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

FORBIDDEN = (
    "tensorflow", "keras", "tf2onnx", "onnx", "sklearn", "matplotlib", "ai_edge_litert",
    "ray", "pyarrow", "pandas",
    "train", "export", "calibration",
)  # fmt: skip

IMPORT = "import edge_runtime.commands.main"

PREDICT = """
import sys
from edge_runtime.commands.main import main
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


def test_importing_the_command_line_loads_no_framework():
    assert loaded_after(IMPORT) == []


def test_importing_the_command_line_loads_no_library_but_click():
    """So that ``--help`` is quick on a slow device."""
    slow = ("numpy", "cv2", "onnxruntime", "jinja2", "importlib.metadata", "subprocess", "tempfile")
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


@pytest.mark.parametrize(("options", "loaded"), [((), ["False"]), (("--out", "out"), ["True"])])
def test_only_a_report_loads_the_templates(photo_file, exported, tmp_path, options, loaded):
    arguments = ["predict", str(photo_file), "--bundle", str(exported), *options]
    code = (
        "import sys; from edge_runtime.commands.main import main; "
        f"main({arguments!r}, standalone_mode=False); print('jinja2' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=False, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split()[-1:] == loaded


@pytest.mark.parametrize("name", ["sklearn", "ai_edge_litert", "train", "export", "calibration"])
def test_the_check_of_what_is_loaded_can_fail(name):
    assert name in loaded_after(f"{IMPORT}\nimport {name}")


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
    code = f"from edge_runtime.commands.main import main; main({arguments!r})"
    command = [sys.executable, "-c", code]
    unset = {"ORT_DISABLE_TELEMETRY", "FUNDUS_EDGE_CACHE"}
    environment = {k: v for k, v in os.environ.items() if k not in unset} | places
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stderr
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {path.name for path in files} == left
    assert all(path.parent.parent == home / "fundus-edge" for path in files)
