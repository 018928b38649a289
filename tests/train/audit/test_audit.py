"""What an audit finds in a dataset, and what it says about it."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from make_fundus import draw_fundus

from edge_runtime.commands.main import main
from tests.conftest import ROOT
from tests.train.copied_photos import COPIES, write
from train.audit.audit import audit_dataset, read_pool
from train.audit.page import audit_page
from train.data.dataset import read_dataset

KINDS = ("glaucoma", "normal")


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> Path:
    """Three splits of two classes, six eyes each, of different people."""
    root = tmp_path_factory.mktemp("audit") / "clean"
    for number, split in enumerate(("train_dir", "val_dir", "test_dir")):
        for kind in KINDS:
            for seed in range(6):
                name = f"{kind}{number}{seed}.png"
                write(root / split / kind / name, draw_fundus(kind, seed=100 + 6 * number + seed))
    return root


@pytest.fixture
def root(clean, tmp_path) -> Path:
    return Path(shutil.copytree(clean, tmp_path / "data"))


def audited(root):
    return audit_dataset(read_pool(root), with_confounds=False)


def names(root, paths):
    return [str(path.relative_to(root)) for path in paths]


def run(*arguments):
    return CliRunner().invoke(main, ["audit", *map(str, arguments), "--no-cache"])


def changed(root, source, target, change):
    """Write a changed copy of a drawn photo."""
    kind, seed = source
    write(root / target, COPIES[change](draw_fundus(kind, seed=seed)))


def test_a_clean_dataset_is_clean(root):
    found = audited(root)
    assert found.is_clean
    assert (found.leaks, found.conflicts, found.problems) == ((), (), ())
    assert found.groups.ids.tolist() == list(range(36))
    assert found.groups.links == ()


def test_a_turned_copy_in_another_split_is_a_leak(root):
    changed(root, ("normal", 100), "test_dir/normal/other.jpg", "turned by 37 degrees")
    (leak,) = audited(root).leaks
    assert names(root, leak.photos) == [
        "train_dir/normal/normal00.png",
        "test_dir/normal/other.jpg",
    ]
    assert leak.names == ("train_dir", "test_dir")
    assert leak.reasons == ("near copy",)


def test_an_exact_copy_in_another_split_is_a_leak(root):
    shutil.copy(root / "train_dir/normal/normal00.png", root / "val_dir/normal/x.png")
    (leak,) = audited(root).leaks
    assert leak.reasons == ("exact copy",)


def test_a_patients_eyes_in_two_splits_are_a_leak_unless_patients_arent_looked_for(root):
    (root / "train_dir/normal/normal00.png").rename(root / "train_dir/normal/7_left.png")
    (root / "val_dir/normal/normal10.png").rename(root / "val_dir/normal/7_right.png")
    (leak,) = audited(root).leaks
    assert leak.reasons == ("patient",)
    assert audit_dataset(read_pool(root), patient_pattern=None, with_confounds=False).is_clean


def test_a_photo_under_two_labels_is_a_conflict_and_no_leak(root):
    changed(root, ("normal", 100), "train_dir/glaucoma/x.jpg", "mirrored")
    found = audited(root)
    (conflict,) = found.conflicts
    assert conflict.names == ("glaucoma", "normal")
    assert conflict.reasons == ("near copy",)
    assert found.leaks == ()


def test_a_patients_eyes_under_two_labels_are_no_conflict(root):
    (root / "train_dir/normal/normal00.png").rename(root / "train_dir/normal/7_left.png")
    (root / "train_dir/glaucoma/glaucoma00.png").rename(root / "train_dir/glaucoma/7_right.png")
    assert audited(root).is_clean


def test_files_that_are_no_good_are_named_with_what_is_wrong(root):
    (root / "train_dir/normal/broken.jpg").write_bytes(b"\xff\xd8\xff")
    (root / "val_dir/normal/notes.txt").write_text("no photo")
    write(root / "test_dir/normal/small.png", draw_fundus("normal", seed=9, size=(60, 80)))
    write(root / "train_dir/normal/zero.png", draw_fundus("normal", seed=9) * 0)
    found = {each.path.name: each.kind for each in audited(root).problems}
    assert found == {
        "broken.jpg": "unreadable",
        "notes.txt": "not a photo",
        "small.png": "tiny",
        "zero.png": "not a fundus photo",
    }


def test_a_plain_folder_has_no_splits_to_leak_but_copies(root, tmp_path):
    plain = tmp_path / "plain"
    shutil.copytree(root / "train_dir", plain)
    changed(plain, ("normal", 100), "normal/other.png", "upside down")
    found = audited(plain)
    assert found.leaks == ()
    assert [link.reason for link in found.groups.links] == ["near copy"]


def test_the_weak_split_of_a_plain_folder_leaks_and_is_caught(root, tmp_path):
    """Training splits plain folders by name alone; its audit must see that."""
    plain = Path(shutil.copytree(root / "train_dir", tmp_path / "plain"))
    for index, change in enumerate(COPIES):
        changed(plain, ("normal", 100), f"normal/n{index}.png", change)
    assert audit_dataset(read_dataset(plain), with_confounds=False).leaks


def test_the_folder_has_every_photo_once_with_its_group_and_why(root, tmp_path):
    changed(root, ("normal", 100), "test_dir/normal/<b>&.jpg", "mirrored")
    out = tmp_path / "new" / "audit"
    result = run(root, "--out", out)
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader((out / "groups.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 37
    by_path = {row["path"]: row for row in rows}
    copy, source = by_path["test_dir/normal/<b>&.jpg"], by_path["train_dir/normal/normal00.png"]
    assert copy["group"] == source["group"]
    assert copy["reason"] == "near copy: train_dir/normal/normal00.png"
    assert (copy["split"], copy["class"]) == ("test_dir", "normal")
    page = (out / "audit.html").read_text("utf-8")
    assert "test_dir/<wbr>normal/<wbr>&lt;b&gt;&amp;.jpg" in page
    assert page.count("<img ") == 2
    assert "http" not in page
    record = json.loads((out / "audit.json").read_text("utf-8"))
    assert len(record["leaks"]) == 1
    assert 0 <= record["confounds"]["accuracy"] <= 1
    assert sorted(path.name for path in out.parent.iterdir()) == ["audit"]


def test_markup_in_a_name_is_text_in_the_page(root, tmp_path):
    write(root / "test_dir/normal/<script>.jpg", draw_fundus("normal", seed=100))
    (root / "train_dir/normal/<script>bad.jpg").write_bytes(b"\xff\xd8\xff")
    renamed = root.rename(tmp_path / "<script>")
    page = "".join(audit_page(audited(renamed)))
    assert "<script" not in page
    # twice each: the title and the headline, a photo's alt and its caption; a file to look at
    assert page.count("&lt;script&gt;") == 5


def test_json_is_one_object_that_says_what_the_summary_says(root):
    shutil.copy(root / "train_dir/normal/normal00.png", root / "val_dir/normal/x.png")
    record = json.loads(run(root, "--json").stdout)
    assert record["photos"] == 37
    assert record["groups"] == 36
    assert record["links"] == {"exact_copy": 1}
    assert record["leaks"][0]["photos"] == ["train_dir/normal/normal00.png", "val_dir/normal/x.png"]
    said = run(root).stdout
    assert "37 photos in train_dir, val_dir, test_dir are 36 independent groups" in said
    assert "Leaks (groups in more than one split): 1" in said
    assert "Without looking at the eye" in said


def test_strict_fails_on_leaks_and_conflicts_alone(root):
    assert run(root, "--strict").exit_code == 0
    shutil.copy(root / "train_dir/normal/normal00.png", root / "val_dir/normal/x.png")
    assert run(root).exit_code == 0
    result = run(root, "--strict")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: 1 group(s) leak and 0 photo(s) have two labels")


def test_strict_fails_on_a_conflict_without_a_leak(root):
    shutil.copy(root / "train_dir/normal/normal00.png", root / "train_dir/glaucoma/x.png")
    result = run(root, "--strict")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: 0 group(s) leak and 1 photo(s) have two labels")


@pytest.mark.parametrize("command", ["audit", "split"])
def test_nothing_is_written_into_the_dataset(command, root):
    out = root / "train_dir" / "out"
    result = CliRunner().invoke(main, [command, str(root), "--out", str(out), "--no-cache"])
    assert result.exit_code == 1
    assert "can't write there: it is inside of the dataset; choose another place" in result.stderr
    assert not out.exists()


@pytest.mark.parametrize("command", ["audit", "split"])
@pytest.mark.parametrize("there", ["folder", "file", "broken link"])
def test_nothing_is_written_over(command, there, root, tmp_path):
    out = tmp_path / "out"
    if there == "folder":
        out.mkdir()
    elif there == "file":
        out.write_text("mine")
    else:
        out.symlink_to(tmp_path / "nowhere")
    result = CliRunner().invoke(main, [command, str(root), "--out", str(out), "--no-cache"])
    assert result.exit_code == 1
    assert "already exists" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["audit", "split"])
@pytest.mark.parametrize("given", ["gone", "file", "empty", "one class"])
def test_what_is_no_dataset_is_refused_in_one_line(command, given, root, tmp_path):
    path = tmp_path / "given"
    if given == "file":
        path.write_text("no folder")
    elif given != "gone":
        path.mkdir()
    if given == "one class":
        shutil.copytree(root / "train_dir" / "normal", path / "normal")
    result = CliRunner().invoke(main, [command, str(path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("pattern", ["(", "no group", r"(\d+)_left"])
def test_a_pattern_that_names_no_patient_is_a_usage_error(pattern, root):
    result = run(root, "--patients", pattern)
    assert result.exit_code == 2
    assert "--patients" in result.stderr


def test_folders_that_link_to_themselves_are_passed_over_and_dead_links_are_named(root):
    (root / "train_dir/normal/loop").symlink_to(root / "train_dir/normal")
    (root / "train_dir/normal/self.png").symlink_to("self.png")
    (root / "train_dir/normal/dead.png").symlink_to("nowhere.png")
    found = audited(root)
    assert len(found.photos) == 38
    assert {(each.path.name, each.kind) for each in found.problems} == {
        ("self.png", "unreadable"),
        ("dead.png", "unreadable"),
    }


def test_the_cache_is_where_it_was_asked_for_and_changes_nothing(root, tmp_path):
    cache = tmp_path / "kept"
    arguments = ["audit", str(root), "--json", "--cache", str(cache)]
    first, second = (CliRunner().invoke(main, arguments).stdout for _ in range(2))
    assert len(list(cache.rglob("*.npz"))) == 36
    assert first == second == run(root, "--json").stdout


@pytest.mark.parametrize("command", ["audit", "split"])
def test_neither_command_loads_tensorflow(command, clean, tmp_path):
    code = (
        "import sys; from edge_runtime.commands.main import main; "
        "main(sys.argv[1:], standalone_mode=False); "
        "print('LOADED', *({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    arguments = [command, str(clean), "--out", str(tmp_path / "out"), "--no-cache"]
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "LOADED"
