"""The commands print and write what they did when it was recorded, whatever moved inside.

Each file in ``expected`` is the record of a group of command lines (scenarios.py). To record anew,
after a change that is meant to be seen, and to read what changed:

    FUNDUS_EDGE_RECORD_GOLDEN=1 python -m pytest tests/golden && git diff tests/golden/expected
"""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.edge_runtime.bundle_defects import DEFECTS
from tests.golden.compare import differences
from tests.golden.datasets import WRONG_TABLES, write_datasets
from tests.golden.normalise import manifest_without_luck, read_text, types
from tests.golden.photos import write_photos
from tests.golden.run import run_scenarios
from tests.golden.scenarios import (
    BROKEN_PHOTOS,
    DATASETS,
    FOLDERS,
    HELP,
    PREDICT,
    USAGE,
    WRONG_INPUT,
    Scenario,
)

RECORDING = bool(os.environ.get("FUNDUS_EDGE_RECORD_GOLDEN"))

EXPECTED = Path(__file__).parent / "expected"

BUNDLE = "predict examples/retina.jpg --bundle <work>/{}"

# The group's name, its scenarios, and whether they share a process as errors may.
GROUPS = {
    "help": (HELP, False),
    "usage": (USAGE, True),
    "predict": (PREDICT, False),
    "folders": (FOLDERS, False),
    "broken_photos": (BROKEN_PHOTOS, False),
    "datasets": (DATASETS, False),
    "wrong_input": (WRONG_INPUT, True),
    "wrong_tables": (
        tuple(Scenario(name, f"audit <work>/wrong/{name}") for name in WRONG_TABLES),
        True,
    ),
    "broken_bundles": (
        (
            Scenario("no folder", BUNDLE.format("gone")),
            Scenario("an empty folder", BUNDLE.format("empty")),
            Scenario("a file", BUNDLE.format("no_photos/notes.txt")),
            *(Scenario(name, BUNDLE.format(f"defects/'{name}'/bundle")) for name in DEFECTS),
        ),
        True,
    ),
}


@pytest.fixture(scope="module")
def work(dataset, tiny_run, exported, tmp_path_factory):
    """The folder that ``<work>`` stands for."""
    folder = tmp_path_factory.mktemp("golden")
    write_photos(folder)
    write_datasets(folder)
    for source, name in ((dataset, "dataset"), (tiny_run, "run"), (exported, "tiny")):
        shutil.copytree(source, folder / name)
    (folder / "empty").mkdir()
    for name, (break_it, *_) in DEFECTS.items():
        broken = shutil.copytree(exported, folder / "defects" / name / "bundle")
        break_it(broken)
    return folder


def check(name, found):
    """Compare with the record, or record."""
    file = EXPECTED / f"{name}.json"
    if RECORDING:
        text = json.dumps(found, indent=1, ensure_ascii=False)
        file.write_text(text + "\n", "utf-8")
        pytest.skip(f"recorded {file}")
    told = differences(json.loads(file.read_text("utf-8")), found)
    assert not told, f"{len(told)} difference(s) from {file.name}:\n" + "\n".join(told)


@pytest.mark.parametrize("group", GROUPS)
def test_the_commands_print_and_write_what_was_recorded(group, work):
    scenarios, one_process = GROUPS[group]
    check(group, run_scenarios(scenarios, work, one_process=one_process))


def test_an_exported_bundle_has_the_manifest_and_the_files_that_were_recorded(work):
    manifest = json.loads((work / "tiny" / "manifest.json").read_text("utf-8"))
    card = (work / "tiny" / "MODEL_CARD.md").read_text("utf-8")
    found = {
        "files": sorted(path.name for path in (work / "tiny").iterdir()),
        "manifest": manifest_without_luck(manifest),
        "card": read_text(card, work, luck=True),
    }
    check("tiny_bundle", found)


def test_a_run_folder_has_the_files_that_were_recorded(work, dataset):
    files = sorted(path for path in (work / "run").rglob("*") if path.is_file())
    text = (work / "run" / "config.json").read_text("utf-8").replace(str(dataset), "<dataset>")
    found = {
        "files": [path.relative_to(work / "run").as_posix() for path in files],
        "config.json": manifest_without_luck(json.loads(text)),
    }
    check("run_folder", found)


def test_the_packages_bundle_has_the_keys_that_were_recorded():
    (folder,) = (
        found
        for top in ROOT.iterdir()
        if top.name[0] != "." and not (top / "pyvenv.cfg").exists()
        if top.name not in ("build", "dist", "shared")
        for found in top.rglob("default_bundle")
    )
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    found = {"files": sorted(path.name for path in folder.iterdir()), "manifest": types(manifest)}
    check("default_bundle", found)
