"""What goes to the device needs no framework, and imports point one way."""

import ast
import subprocess
import sys

import pytest

from tests.conftest import ROOT

FORBIDDEN = "tensorflow keras tf2onnx onnx sklearn matplotlib train export calibration".split()
CHECK = (
    "import sys; found = sorted(set(sys.modules) & set({forbidden!r}));"
    "sys.exit('imported: ' + ' '.join(found) if found else 0)"
).format(forbidden=FORBIDDEN)
ORDER = ["edge_runtime", "train", "export", "calibration"]


def check(code):
    command = [sys.executable, "-c", f"{code}\n{CHECK}"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_runtime_imports_no_framework():
    result = check("import edge_runtime, edge_runtime.cli, edge_runtime.results")
    assert result.returncode == 0, result.stderr


def test_a_whole_prediction_imports_no_framework(exported, photo_file, tmp_path):
    arguments = ["predict", str(photo_file), "--bundle", str(exported), "--out", str(tmp_path / "o")]
    result = check(
        f"from edge_runtime.cli import main; main({arguments!r}, standalone_mode=False)"
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "o" / "report.html").is_file()


@pytest.mark.parametrize("module", ["sklearn", "train"])
def test_the_check_can_fail(module):
    result = check(f"import edge_runtime, {module}")
    assert result.returncode == 1
    assert module in result.stderr


@pytest.mark.parametrize("package", ORDER)
def test_imports_point_one_way(package):
    later = set(ORDER[ORDER.index(package) + 1 :])
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not later & {name.partition(".")[0] for name in names}, file
