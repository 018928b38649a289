"""How a dataset is split, and what of it is written."""

import csv
import shutil
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from make_fundus import draw_fundus

from edge_runtime.commands.main import main
from tests.train.copied_photos import COPIES, write
from train.audit.audit import audit_dataset, read_pool
from train.audit.split import split_dataset
from train.audit.split_folder import write_split
from train.errors import DatasetError

KINDS = ("glaucoma", "normal")


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Path:
    """Twelve people with two eyes and twelve single eyes per class; four have copies."""
    root = tmp_path_factory.mktemp("split") / "plain"
    changes = list(COPIES.values())
    for label, kind in enumerate(KINDS):
        for person in range(12):
            for eye, side in enumerate(("left", "right")):
                photo = draw_fundus(kind, seed=200 + 2 * person + eye)
                write(root / kind / f"{100 * label + person}_{side}.png", photo)
        for single in range(12):
            photo = draw_fundus(kind, seed=300 + single)
            write(root / kind / f"eye{single}.png", photo)
            for copy in range(3 if single < 4 else 0):
                changed = changes[(single + copy) % len(changes)](photo)
                write(root / kind / f"copy{single}-{copy}.jpg", changed)
    return root


@pytest.fixture
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.getbasetemp() / "split-cache"


def run(*arguments):
    return CliRunner().invoke(main, ["split", *map(str, arguments)])


def test_no_group_straddles_nothing_is_lost_and_each_class_has_its_share(plain, cache):
    split = split_dataset(read_pool(plain), val_share=0.2, test_share=0.2, cache=cache)
    assert sorted(split.photos) == sorted(path for path in plain.rglob("*") if path.is_file())
    places = defaultdict(set)
    for group, name in zip(split.groups, split.splits, strict=True):
        places[group].add(name)
    assert all(len(names) == 1 for names in places.values())
    counts = Counter(zip(split.splits, split.classes, strict=True))
    for kind in KINDS:
        # 48 photos of each class; single photos fill what groups leave.
        assert 9 <= counts["val_dir", kind] <= 11
        assert 9 <= counts["test_dir", kind] <= 11


def test_one_seed_gives_one_split_and_another_gives_another(plain, cache):
    first, again, other = (
        split_dataset(read_pool(plain), seed=seed, cache=cache).splits for seed in (3, 3, 4)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("seed", range(3))
def test_the_audit_of_the_written_split_finds_nothing_across(seed, plain, cache, tmp_path):
    out = tmp_path / "out"
    result = run(plain, "--out", out, "--seed", seed, "--cache", cache)
    assert result.exit_code == 0, result.output
    found = audit_dataset(read_pool(out), cache=cache, with_confounds=False)
    assert set(found.splits) == {"train_dir", "val_dir", "test_dir"}
    assert found.is_clean
    assert len(found.photos) == 96


def test_photos_are_links_or_copies_as_asked(plain, cache, tmp_path):
    for option, is_link in (((), True), (("--copy",), False)):
        out = tmp_path / f"out{is_link}"
        assert run(plain, "--out", out, "--cache", cache, *option).exit_code == 0
        photos = [path for path in out.rglob("*") if path.suffix in (".png", ".jpg")]
        assert len(photos) == 96
        assert all(path.is_symlink() == is_link for path in photos)
        assert all(path.read_bytes()[:1] in (b"\x89", b"\xff") for path in photos)
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_split_dataset_is_put_together_and_split_anew_and_equal_names_lose_nothing(
    plain, cache, tmp_path
):
    given = tmp_path / "given"
    for number, split in enumerate(("train_dir", "val_dir", "test_dir")):
        for kind in KINDS:
            for seed in range(4):
                photo = draw_fundus(kind, seed=400 + 4 * number + seed)
                name = f"a{seed}.png" if number else f"A{seed}.PNG"
                write(given / split / kind / name.lower(), photo)
                (given / split / kind / name.lower()).rename(given / split / kind / name)
    out = tmp_path / "out"
    result = run(given, "--out", out, "--val", "0.25", "--test", "0", "--copy", "--cache", cache)
    assert result.exit_code == 0, result.output
    assert not (out / "test_dir").exists()
    written = [path for path in out.rglob("*") if path.suffix.lower() == ".png"]
    assert len({path.read_bytes() for path in written}) == len(written) == 24
    assert len({str(path).casefold() for path in written}) == 24
    rows = list(csv.DictReader((out / "split.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 24
    for row in rows:
        assert Path(row["path"]).read_bytes() == (out / row["file"]).read_bytes()


def test_conflicts_and_unreadable_photos_are_left_out_and_named(plain, cache, tmp_path):
    root = Path(shutil.copytree(plain, tmp_path / "data"))
    write(root / "glaucoma" / "twin.png", COPIES["mirrored"](draw_fundus("normal", seed=311)))
    (root / "normal" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    out = tmp_path / "out"
    result = run(root, "--out", out, "--cache", cache)
    assert result.exit_code == 0, result.output
    said = [line for line in result.stderr.splitlines() if line.startswith("left out: ")]
    assert [Path(line.split(": ")[1]).name for line in said] == [
        "twin.png", "broken.jpg", "eye11.png",
    ]  # fmt: skip
    assert "one photo under two labels: glaucoma and normal" in said[0]
    rows = list(csv.DictReader((out / "split.csv").read_text("utf-8").splitlines()))
    assert len([row for row in rows if row["left_out"]]) == 3
    assert not list(out.rglob("twin.png"))
    assert audit_dataset(read_pool(out), cache=cache, with_confounds=False).is_clean


def test_photos_that_hardly_belong_there_are_taken_and_named(plain, cache, tmp_path):
    root = Path(shutil.copytree(plain, tmp_path / "data"))
    write(root / "normal" / "dot.png", np.full((1, 1, 3), 90, np.uint8))
    write(root / "normal" / "black.png", np.zeros((300, 300, 3), np.uint8))
    out = tmp_path / "out"
    result = run(root, "--out", out, "--cache", cache)
    assert result.exit_code == 0, result.output
    said = [line for line in result.stderr.splitlines() if line.startswith("taken, but ")]
    assert {line.split(": ")[0] for line in said} == {
        "taken, but tiny",
        "taken, but not a fundus photo",
    }
    assert {Path(line.split(": ")[1]).name for line in said} == {"dot.png", "black.png"}


def test_every_split_has_every_class_even_where_groups_are_few(tmp_path, cache):
    root = tmp_path / "few"
    for kind in KINDS:
        for seed in range(3):
            for copy, change in enumerate(list(COPIES.values())[: 4 - seed]):
                write(root / kind / f"{seed}-{copy}.png", change(draw_fundus(kind, seed=seed + 30)))
    for seed in range(8):
        split = split_dataset(read_pool(root), seed=seed, cache=cache)
        assert len(set(zip(split.splits, split.classes, strict=True))) == 6


def test_a_class_with_fewer_groups_than_splits_is_refused(tmp_path, cache):
    root = tmp_path / "few"
    for kind in KINDS:
        for copy, change in enumerate(COPIES.values()):
            write(root / kind / f"{copy}.png", change(draw_fundus(kind, seed=31)))
    with pytest.raises(DatasetError, match="glaucoma has 1 independent group"):
        split_dataset(read_pool(root), cache=cache)


@pytest.mark.parametrize(
    "shares",
    [
        ("--val", "0"),
        ("--val", "1"),
        ("--test", "-0.1"),
        ("--val", "0.6", "--test", "0.4"),
        ("--val", "nan"),
    ],
)
def test_shares_that_leave_a_split_empty_are_usage_errors(shares, plain, tmp_path):
    result = run(plain, "--out", tmp_path / "out", *shares)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_failed_writing_leaves_nothing_behind(plain, cache, tmp_path, monkeypatch):
    split = split_dataset(read_pool(plain), cache=cache)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(OSError, match="can't write there: no space left on device"):
        write_split(split, tmp_path / "out", copy=True)
    assert list(tmp_path.iterdir()) == []
