"""What the documents say of the repository is so: its folders, its records, its checks."""

import re
from datetime import date

import pytest

from tests.conftest import ROOT
from tests.test_rooms import ROOMS

RECORDS = ROOT / "docs" / "decisions"
RECORD = re.compile(r"# (?P<title>.+)\n\nDate: (?P<date>\S+)\n\n\S")
TOP = (*ROOMS, "examples", "benchmarks", "docs", "tests")
#: CHANGELOG.md tells of files that are gone, so it isn't among them.
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *ROOT.glob("[!.]*/**/*.md"))
    if path.name != "CHANGELOG.md" and path.relative_to(ROOT).parts[0] in {*TOP, path.name}
)


def records():
    """List the records of decisions, in the order of their numbers."""
    return [path for path in sorted(RECORDS.glob("*.md")) if path.name != "README.md"]


def test_each_record_has_a_title_a_date_and_a_line_in_the_index():
    index = (RECORDS / "README.md").read_text("utf-8").splitlines()
    rows = [line.rsplit("| ", 1) for line in index if line.startswith("| [")]
    expected = []
    for path in records():
        found = RECORD.match(path.read_text("utf-8"))
        assert found, f"{path.name}: no title and date at its head"
        date.fromisoformat(found["date"])
        expected.append(f"| [{path.name[:4]}]({path.name}) | {found['date']} | {found['title']} ")
    assert [head for head, _ in rows] == expected
    assert all(len(said) > 10 for _, said in rows)


def test_the_numbers_of_the_records_have_no_gap_and_follow_the_dates():
    names = [path.name for path in records()]
    assert [name[:5] for name in names] == [f"{n:04}-" for n in range(1, len(names) + 1)]
    dates = [RECORD.match(path.read_text("utf-8"))["date"] for path in records()]
    assert dates == sorted(dates)


def missing_paths(text):
    """List the repository's paths that a text names, of which there is no file and no folder."""
    named = re.findall(rf"(?<![\w/.-])(?:{'|'.join(TOP)})(?:/[\w.-]*\w)+", text)
    return [path for path in named if not (ROOT / path).exists()]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_and_link_of_a_document_leads_somewhere(document):
    text = (ROOT / document).read_text("utf-8")
    assert missing_paths(text) == []
    links = re.findall(r"\]\(([\w./-]+)\)", text)
    assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []


def test_every_path_that_a_source_names_exists():
    sources = [path for folder in TOP for path in (ROOT / folder).rglob("*.py")]
    assert len(sources) > 300
    found = {path: missing_paths(path.read_text("utf-8")) for path in sources}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_readme_names_every_room_in_the_order_of_imports():
    section = (ROOT / "README.md").read_text("utf-8").split("## Where things are\n")[1]
    named = re.findall(r"^ *- `([\w.]+?)(?:/|\.py)`: \S", section, re.MULTILINE)
    rooms = [name for package, rooms in ROOMS.items() for name in (package, *rooms)]
    assert named == [*rooms, "examples", "tests", "benchmarks", "docs"]


@pytest.mark.skipif(not (ROOT / ".ci").is_dir(), reason="the source distribution has no CI")
def test_the_hooks_before_a_commit_are_the_linters_of_ci():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    linters = (ROOT / ".ci" / "run").read_text("utf-8").split("run_line test-command\n")[1]
    expected = [line.removeprefix(".venv-dev/bin/") for line in linters.splitlines()]
    assert re.findall("entry: (.*)", hooks) == expected
    assert hooks.count("language: system") == hooks.count("id: ") == len(expected)
