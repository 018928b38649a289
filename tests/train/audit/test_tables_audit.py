"""What audit and split make of a dataset that is a table."""

import csv
import json
import shutil
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner
from make_fundus import draw_fundus

from edge_runtime.commands.main import main
from tests.train.copied_photos import COPIES, write
from tests.train.tables import COLUMNS, eyes, write_table
from train.audit.audit import audit_dataset, read_pool
from train.audit.confounds import guess_sources
from train.data.public_set import note_on

MORE = (*COLUMNS, "grade")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    """Two sources of healthy eyes and glaucoma; three more of unknown people."""
    rows = [
        (*row, f"grade {number}")
        for source, people in (("x", 6), ("y", 4))
        for label in ("normal", "glaucoma")
        for number, row in enumerate(
            eyes(source, label, people, start=0 if label == "normal" else people)
        )
    ]
    rows += [(f"z/photo{n}.png", "!glaucoma", "x", "", "", "") for n in range(3)]
    root = tmp_path_factory.mktemp("tables") / "drawn"
    write_table(root, rows, columns=MORE)
    for number, row in enumerate(rows):
        kind = "normal" if row[1] == "!glaucoma" else row[1]
        write(root / row[0], draw_fundus(kind, seed=700 + number))
    return root


@pytest.fixture
def root(drawn, tmp_path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "data"))


@pytest.fixture
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.getbasetemp() / "tables-cache"


def run(command, *arguments):
    result = CliRunner().invoke(main, [command, *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result


def add(root, *row):
    with (root / "labels.csv").open("a", newline="") as file:
        csv.writer(file).writerow([*row, *[""] * (len(MORE) - len(row))])


def rows_of(folder):
    return list(csv.DictReader((folder / "labels.csv").read_text("utf-8").splitlines()))


@pytest.mark.parametrize(
    ("first", "second", "is_conflict"),
    [
        ("normal", "!glaucoma", False),
        ("!glaucoma", "!glaucoma", False),
        ("glaucoma", "!glaucoma", True),
        ("glaucoma", "normal", True),
    ],
)
def test_labels_of_one_photo_are_a_conflict_only_if_no_class_fits_both(
    first, second, is_conflict, root, cache
):
    photo = draw_fundus("normal", seed=900)
    for name, label in (("one.png", first), ("two.png", second)):
        write(root / name, photo if name == "one.png" else COPIES["mirrored"](photo))
        add(root, name, label)
    found = audit_dataset(read_pool(root), cache=cache, with_confounds=False)
    assert [set(each.names) for each in found.conflicts] == [{first, second}] * is_conflict


def test_a_patient_of_the_table_is_one_group_in_every_source_of_names(root, cache):
    found = audit_dataset(read_pool(root), cache=cache, with_confounds=False)
    assert set(found.splits) == {"all"}
    people = defaultdict(set)
    for row in rows_of(root):
        people[row["source"], row["patient"] or row["file"]].add(root / row["file"])
    groups = defaultdict(set)
    for path, group in zip(found.photos, found.groups.ids, strict=True):
        groups[int(group)].add(path)
    assert sorted(map(sorted, groups.values())) == sorted(map(sorted, people.values()))
    assert {link.reason for link in found.groups.links} == {"patient"}


def test_photos_that_the_table_does_not_name_are_listed(root, cache):
    write(root / "x" / "forgotten.png", draw_fundus("normal", seed=901))
    (root / "notes.txt").write_text("no photo")
    (each,) = audit_dataset(read_pool(root), cache=cache, with_confounds=False).problems
    assert (each.path, each.kind) == (root / "x" / "forgotten.png", "not in the table")


def test_the_audit_says_how_source_and_class_tell_each_other_and_whose_patient_is_unknown(
    root, cache, tmp_path
):
    printed = run("audit", root, "--out", tmp_path / "out", "--cache", cache).stdout
    page = (tmp_path / "out" / "audit.html").read_text("utf-8")
    record = json.loads((tmp_path / "out" / "audit.json").read_text("utf-8"))
    assert record["unknown_patients"] == 3
    assert record["sources"]["sources"] == {"x": 27, "y": 16}
    for sentence in (
        "No patient known for 3 of 43 photographs: ",
        # x has 12 normal, 12 glaucoma and 3 !glaucoma, y 8 and 8: 12 + 12 + 3 by the class, ...
        "The class alone tells the source of 62.8% of the photos, of 2 sources; always naming the "
        "largest gives 62.8%.",
        # ... and 12 + 8 by the source.
        "The source alone tells the class of 46.5% of the photos; always naming the most frequent "
        "gives 46.5%.",
    ):
        assert sentence in printed
        assert sentence in page


def test_source_and_class_that_are_the_same_tell_each_other_wholly():
    found = guess_sources(["a"] * 6 + ["b"] * 4 + [""], ["normal"] * 6 + ["glaucoma"] * 4 + ["x"])
    assert (found.source, found.label) == (1, 1)
    assert (found.source_majority, found.label_majority) == (0.6, 0.6)
    assert guess_sources(["a", "a", ""], ["normal", "glaucoma", "normal"]) is None


@pytest.mark.parametrize("seed", range(3))
def test_the_split_of_a_table_is_a_table_that_keeps_columns_places_and_patients(
    seed, root, cache, tmp_path
):
    add(root, "twin.png", "glaucoma")
    add(root, "other.png", "!glaucoma")
    for name in ("twin.png", "other.png"):
        write(root / name, draw_fundus("normal", seed=902))
    out = tmp_path / "out"
    result = run("split", root, "--out", out, "--val", "0.25", "--test", "0.25", "--seed", seed,
                 "--cache", cache)  # fmt: skip
    assert result.stderr.count("left out: ") == 2
    assert "no patient known for 3 of 43 photographs" in result.stderr
    assert "!glaucoma" in result.stdout
    before = {row["file"]: row for row in rows_of(root)}
    after = {row["file"]: row for row in rows_of(out)}
    assert before.keys() - after.keys() == {"twin.png", "other.png"}
    for name, row in after.items():
        assert {**row, "split": ""} == before[name]
        assert (out / name).is_symlink()
        assert (out / name).read_bytes() == (root / name).read_bytes()
    found = audit_dataset(read_pool(out), cache=cache, with_confounds=False)
    assert found.is_clean
    assert set(found.splits) == {"train_dir", "val_dir", "test_dir"}
    counts = Counter((row["source"], row["label"], row["split"]) for row in after.values())
    for source, total in (("x", 12), ("y", 8)):
        for label in ("normal", "glaucoma"):
            for split in ("val", "test"):
                # A quarter, and at most one person of two eyes more or less.
                assert abs(counts[source, label, split] - total / 4) <= 2


def test_the_split_of_a_table_copies_if_asked(root, cache, tmp_path):
    run("split", root, "--out", tmp_path / "out", "--copy", "--cache", cache)
    assert not any(path.is_symlink() for path in (tmp_path / "out").rglob("*"))
    assert read_pool(tmp_path / "out").classes == ("glaucoma", "normal")


@pytest.mark.parametrize(("photos", "is_known"), [(200, True), (199, False)])
def test_the_public_set_is_recognised_by_its_classes_and_the_names_of_its_retinopathy(
    photos, is_known, tmp_path
):
    for kind in ("cataract", "diabetic_retinopathy", "glaucoma", "normal"):
        (tmp_path / kind).mkdir()
        for number in range(photos if kind == "diabetic_retinopathy" else 10):
            side = "left" if number % 2 else "right"
            (tmp_path / kind / f"{number // 2}_{side}.jpeg").write_bytes(b"x")
    note = note_on(read_pool(tmp_path))
    assert ("three quarters" in note and "docs/data-notes.md" in note) == is_known
    assert bool(note) == is_known
    paths = [path.relative_to(tmp_path) for path in sorted(tmp_path.rglob("*.jpeg"))]
    lines = [f"{path.as_posix()},{path.parent.name}" for path in paths]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *lines]))
    assert note_on(read_pool(tmp_path)) == ""
    (tmp_path / "labels.csv").unlink()
    (tmp_path / "normal").rename(tmp_path / "healthy")
    assert note_on(read_pool(tmp_path)) == ""
