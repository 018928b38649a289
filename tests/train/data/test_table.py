"""Which tables are a dataset, what is read from them, and which lines are refused."""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from tests.train.tables import COLUMNS, eyes, write_table
from train.data.dataset import read_dataset
from train.data.fingerprint import fingerprint
from train.data.labelled import LabelledPhoto
from train.data.table import read_table
from train.errors import DatasetError
from train.evaluation.held_out import find_held_out

PLAIN = [("a.jpg", "normal"), ("b.jpg", "glaucoma"), ("c.jpg", "!glaucoma")]


def refused(root: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        read_table(root)
    return str(caught.value)


def test_a_row_says_all_that_is_known_of_its_photo(tmp_path):
    columns = ("file", "label", "grade", "source", "camera", "patient", "split", "weight")
    rows = [
        ("x/a.jpg", "normal", "0", "here", "Canon", "p1", "train", "0.5"),
        ("x/b.jpg", "!glaucoma", "no, not it", "there", "", "", "train_dir", ""),
        ("c.jpg", "glaucoma", "", "", "", "", "val", "0"),
    ]
    table = read_table(write_table(tmp_path, rows, columns=columns))
    assert table.classes == ("glaucoma", "normal")
    assert table.splits == ("train_dir", "train_dir", "val_dir")
    assert table.photos == (
        LabelledPhoto(
            tmp_path / "x/a.jpg", 1, source="here", camera="Canon", patient="p1", weight=0.5,
        ),
        LabelledPhoto(tmp_path / "x/b.jpg", None, excluded=0, source="there"),
        LabelledPhoto(tmp_path / "c.jpg", 0, weight=0.0),
    )  # fmt: skip
    assert table.photos[1].allowed(2) == (1,)
    assert [photo.label_name(table.classes) for photo in table.photos] == [
        "normal", "!glaucoma", "glaucoma",
    ]  # fmt: skip


def test_a_byte_order_mark_blank_lines_and_spaces_around_cells_do_no_harm(tmp_path):
    write_table(tmp_path, PLAIN)
    text = "\ufefffile, label\r\n\r\na.jpg, normal\r\nb.jpg,glaucoma \r\n"
    (tmp_path / "labels.csv").write_bytes(text.encode())
    assert [photo.label for photo in read_table(tmp_path).photos] == [1, 0]


def test_links_to_files_elsewhere_are_photos(tmp_path):
    (tmp_path / "elsewhere.jpg").write_bytes(b"x")
    root = write_table(tmp_path / "data", PLAIN)
    (root / "a.jpg").unlink()
    (root / "a.jpg").symlink_to(tmp_path / "elsewhere.jpg")
    assert read_table(root).photos[0].path == root / "a.jpg"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("../d.jpg,normal", "line 5: the file '../d.jpg' isn't below this folder; expected a path"),
        ("x/../../d.jpg,normal", "line 5: the file 'x/../../d.jpg' isn't below this folder"),
        ("/etc/hostname,normal", "line 5: the file '/etc/hostname' isn't below"),
        (",normal", "line 5: the file '' isn't below"),
        ("d.jpg,normal", "line 5: there is no file d.jpg; expected a path from the folder of"),
        ("x" * 300 + ",normal", "line 5: there is no file xxx"),
        ("./b.jpg,normal", "line 5: ./b.jpg stands in line 3; expected each file once"),
        ("d.jpg,", "line 5: the label '' can't be; expected a class name, or '!' and one"),
        ("d.jpg,!", "line 5: the label '!' can't be"),
        ("d.jpg,a/b", "line 5: the label 'a/b' can't be"),
        ("d.jpg,!drusen", "line 5: '!drusen' names a class that no photo is of; expected one of g"),
        ("d.jpg", "line 5: has 1 column(s); expected 2 as line 1"),
        ("d.jpg,normal,1", "line 5: has 3 column(s); expected 2 as line 1"),
        ('"d.jpg,normal', "line 5: isn't CSV: a quotation mark is left open"),
    ],
)
def test_a_line_that_cannot_be_meant_is_named_with_what_was_expected(line, sentence, tmp_path):
    write_table(tmp_path, PLAIN)
    with (tmp_path / "labels.csv").open("a") as file:
        file.write(line + "\n")
    assert f"labels.csv {sentence}" in refused(tmp_path)


@pytest.mark.parametrize("weight", ["-1", "nan", "inf", "much"])
def test_a_weight_that_is_no_number_from_0_on_is_refused(weight, tmp_path):
    rows = [("a.jpg", "normal", "1"), ("b.jpg", "glaucoma", weight)]
    write_table(tmp_path, rows, columns=("file", "label", "weight"))
    assert f"line 3: the weight '{weight}' can't be; expected a number" in refused(tmp_path)


@pytest.mark.parametrize(
    ("splits", "sentence"),
    [
        (("train", "val", "dev"), "line 4: the split is 'dev'; expected train, val or test in"),
        (("train", "", "val"), "line 3: the split is ''; expected train, val or test in every"),
        (("train", "train", "test"), "labels.csv has train without val"),
    ],
)
def test_a_split_that_cannot_be_meant_is_refused(splits, sentence, tmp_path):
    rows = [(*row, split) for row, split in zip(PLAIN, splits, strict=True)]
    write_table(tmp_path, rows, columns=("file", "label", "split"))
    assert sentence in refused(tmp_path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "line 1: has the columns ''; expected the columns file and label"),
        (b"file;label\na.jpg;normal\n", "line 1: has the columns 'file;label'"),
        (b"file,label,label\na.jpg,normal,x\n", "line 1: has the columns 'file,label,label'"),
        (b"file,label\n", "line 1: names no photo"),
        (b"file,label\na.jpg,normal\nb.jpg,gr\xfcn\n", "line 3: isn't UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_by_its_line(content, sentence, tmp_path):
    write_table(tmp_path, PLAIN)
    (tmp_path / "labels.csv").write_bytes(content)
    assert f"labels.csv {sentence}" in refused(tmp_path)


def test_a_tables_splits_are_the_datasets(tmp_path):
    rows = [
        *eyes("x", "normal", 2, split="train"), *eyes("x", "glaucoma", 2, split="train"),
        *eyes("x", "normal", 1, split="val", start=5),
        *eyes("x", "glaucoma", 1, split="val", start=5),
        *eyes("x", "!glaucoma", 1, split="test", start=9),
    ]  # fmt: skip
    found = read_dataset(write_table(tmp_path, rows[::-1], columns=COLUMNS))
    assert {name: len(photos) for name, photos in found.splits.items()} == {
        "train_dir": 8, "val_dir": 4, "test_dir": 2,
    }  # fmt: skip
    for photos in found.splits.values():
        assert list(photos) == sorted(photos, key=lambda photo: photo.path)


def test_a_class_without_a_photo_to_validate_on_is_refused(tmp_path):
    rows = [
        *eyes("x", "normal", 2, split="train"), *eyes("x", "glaucoma", 2, split="train"),
        *eyes("x", "normal", 1, split="val", start=5),
        *eyes("x", "!glaucoma", 1, split="val", start=5),
    ]  # fmt: skip
    with pytest.raises(DatasetError, match="val has no photo of glaucoma; expected every class"):
        read_dataset(write_table(tmp_path, rows, columns=COLUMNS))


def test_a_table_of_one_class_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"names 1 class\(es\), at least 2 are needed"):
        read_dataset(write_table(tmp_path, [("a.jpg", "normal"), ("b.jpg", "normal")]))


@pytest.mark.parametrize("seed", range(3))
def test_a_table_without_splits_is_split_by_patient_with_shares_of_class_and_source(seed, tmp_path):
    rows = [
        row
        for source, people in (("x", 40), ("y", 20))
        for label in ("normal", "glaucoma", "!glaucoma")
        # One person in ten has an eye of each class: patients are kept across classes too.
        for row in eyes(source, label, people, start=0 if label == "normal" else people - 4)
    ]
    found = read_dataset(write_table(tmp_path, rows, columns=COLUMNS), seed=seed)
    places = defaultdict(set)
    counts = Counter()
    for split, photos in found.splits.items():
        for photo in photos:
            places[photo.source, photo.patient].add(split)
            counts[photo.source, photo.label_name(found.classes), split] += 1
    assert all(len(names) == 1 for names in places.values())
    assert counts.total() == len(rows)
    for source, people in (("x", 40), ("y", 20)):
        for split in ("val_dir", "test_dir"):
            # A tenth of the people's eyes, and at most a group of six eyes more or less.
            assert abs(counts[source, "normal", split] - 0.2 * people) <= 6
            assert counts[source, "normal", split] > 0


def test_a_split_depends_on_the_seed_and_not_on_the_order_of_the_lines(tmp_path):
    rows = [*eyes("x", "normal", 20), *eyes("x", "glaucoma", 20)]
    root = write_table(tmp_path, rows, columns=COLUMNS)
    first, other = read_dataset(root, seed=1), read_dataset(root, seed=2)
    lines = (root / "labels.csv").read_text().splitlines()
    (root / "labels.csv").write_text("\n".join([lines[0], *lines[:0:-1]]))
    assert read_dataset(root, seed=1) == first
    assert first.splits != other.splits


def test_a_fingerprint_counts_label_source_and_weight_and_else_is_that_of_folders(tmp_path):
    rows = [
        (f"{split}_dir/{label}/{n}.jpg", label, split)
        for split in ("train", "val")
        for label in ("glaucoma", "normal")
        for n in range(3)
    ]
    root = write_table(tmp_path, rows, columns=("file", "label", "split"))
    dataset = read_dataset(root)
    (root / "labels.csv").unlink()
    assert fingerprint(read_dataset(root)) == fingerprint(dataset)
    seen = {fingerprint(dataset)}
    for change in ({"source": "x"}, {"weight": 0.5}, {"label": None, "excluded": 1}):
        first, *rest = dataset.splits["train_dir"]
        splits = {**dataset.splits, "train_dir": (replace(first, **change), *rest)}
        seen.add(fingerprint(replace(dataset, splits=splits)))
    assert len(seen) == 4


def test_held_out_photos_of_a_table_have_a_class_unless_the_others_are_asked_for_too(tmp_path):
    rows = [*eyes("x", "normal", 2), *eyes("x", "!glaucoma", 3), *eyes("y", "cataract", 1)]
    root = write_table(tmp_path, rows, columns=COLUMNS)
    classes = ("glaucoma", "cataract", "normal")  # a model's order, and one that no photo is of
    known = find_held_out(root, split="all", classes=classes, seed=0)
    assert Counter(photo.label for photo in known) == {2: 4, 1: 2}
    every = find_held_out(root, split="all", classes=classes, seed=0, with_excluded=True)
    assert every[: len(known)] == known
    assert [(photo.label, photo.excluded) for photo in every[len(known) :]] == [(None, 0)] * 6
    with pytest.raises(DatasetError, match=re.escape("has the label(s) normal, but the run")):
        find_held_out(root, split="all", classes=classes[:2], seed=0)


def test_held_out_photos_are_those_of_the_tables_split(tmp_path):
    rows = [*eyes("x", "normal", 2, split="test"), *eyes("x", "glaucoma", 1, split="val")]
    root = write_table(tmp_path, rows, columns=COLUMNS)
    classes = ("glaucoma", "normal")
    found = find_held_out(root, split="test_dir", classes=classes, seed=0)
    assert [photo.label for photo in found] == [1] * 4
    with pytest.raises(DatasetError, match="is split already"):
        find_held_out(root, split="all", classes=classes, seed=0)
    with pytest.raises(DatasetError, match="no photo to evaluate as 'train_dir'"):
        find_held_out(root, split="train_dir", classes=classes, seed=0)
