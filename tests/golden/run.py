"""Run the scenarios through the installed command line, and tell what they printed and wrote.

Nothing here knows a module of the product: its console script is looked up where pip noted it.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.golden.normalise import read_file, read_text
from tests.golden.scenarios import Scenario

CALL = """
import sys
from importlib.metadata import entry_points
(point,) = entry_points(group="console_scripts", name="fundus-edge")
sys.argv[0] = "fundus-edge"
sys.exit(point.load()())
"""
TIMEOUT_S = 300


def run_scenarios(
    scenarios: Sequence[Scenario], work: Path, *, one_process: bool
) -> dict[str, dict[str, Any]]:
    """Run scenarios in their order.

    Args:
        scenarios: What to run.
        work: The folder that ``<work>`` in their arguments stands for.
        one_process: Whether all share a process, as only errors may.

    Returns:
        What came of each, by its name, ready to be compared.
    """
    given = [shlex.split(each.arguments.replace("<work>", str(work))) for each in scenarios]
    if one_process:
        results = _in_one_process(given)
    else:
        results = []
        for scenario, arguments in zip(scenarios, given, strict=True):
            if scenario.copied:
                shutil.copy(*(work / name for name in scenario.copied))
            results.append(_by_itself(arguments))
    return {
        scenario.name: _described(scenario, result, work)
        for scenario, result in zip(scenarios, results, strict=True)
    }


def _described(scenario: Scenario, result: dict[str, Any], work: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"command": scenario.arguments, "exit": result["exit"]}
    for stream in ("stdout", "stderr"):
        found[stream] = read_text(result[stream], work, luck=scenario.luck)
    if scenario.out:
        folder = work / scenario.out
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        found["files"] = {
            path.relative_to(folder).as_posix(): read_file(path, work, luck=scenario.luck)
            for path in files
        }
    return found


def _environment() -> dict[str, str]:
    return {**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1", "LC_ALL": "C"}


def _by_itself(arguments: list[str]) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-c", CALL, *arguments],
        cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=TIMEOUT_S,
        encoding="utf-8", stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return {"exit": ran.returncode, "stdout": ran.stdout, "stderr": ran.stderr}


def _in_one_process(given: list[list[str]]) -> list[dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-c", "from tests.golden.in_one_process import main; main()"],
        cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=TIMEOUT_S,
        encoding="utf-8", input=json.dumps(given), check=False,
    )  # fmt: skip
    assert ran.returncode == 0, f"the commands ended the process that they share:\n{ran.stderr}"
    results: list[dict[str, Any]] = json.loads(ran.stdout.splitlines()[-1])
    return results
