"""Which photos are found in a dataset folder, and which folders are refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from train.data.dataset import SPLITS, Dataset, load_photos, read_dataset
from train.data.fingerprint import fingerprint
from train.errors import DatasetError, PhotosUnreadableError


def plain_folder(root: Path, classes: tuple[str, ...] = ("normal", "glaucoma")) -> Path:
    """Make the plain layout with 20 pairs of eyes per class; nothing in it is ever decoded."""
    for name in classes:
        (root / name).mkdir(parents=True)
        for person in range(20):
            for eye in ("left", "right"):
                (root / name / f"{person}_{eye}.jpg").write_bytes(f"{name}{person}{eye}".encode())
    return root


def names_of(dataset: Dataset) -> dict[str, set[str]]:
    return {
        split: {str(photo.path.relative_to(dataset.root)) for photo in photos}
        for split, photos in dataset.splits.items()
    }


def people_of(dataset: Dataset) -> dict[str, set[str]]:
    return {
        split: {name.rpartition("_")[0] for name in names}
        for split, names in names_of(dataset).items()
    }


def test_split_folders_are_taken_as_they_are_with_classes_sorted(dataset: Path) -> None:
    found = read_dataset(dataset)
    assert found.classes == ("cataract", "diabetic_retinopathy", "glaucoma", "normal")
    assert {name: len(photos) for name, photos in found.splits.items()} == {
        "train_dir": 32,
        "val_dir": 12,
        "test_dir": 12,
    }
    for split, photos in found.splits.items():
        assert all(
            photo.path.parent == dataset / split / found.classes[photo.label] for photo in photos
        )


def test_test_dir_may_be_left_out(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "data"))
    shutil.rmtree(root / "test_dir")
    assert set(read_dataset(root).splits) == {"train_dir", "val_dir"}


def test_a_plain_folder_is_split_into_three_with_classes_sorted(tmp_path: Path) -> None:
    found = read_dataset(plain_folder(tmp_path / "data"))
    assert found.classes == ("glaucoma", "normal")
    # 20 groups of two eyes per class, a tenth of the groups to each of val_dir and test_dir.
    assert {name: len(photos) for name, photos in found.splits.items()} == {
        "train_dir": 64,
        "val_dir": 8,
        "test_dir": 8,
    }
    for photos in found.splits.values():
        assert {photo.label for photo in photos} == {0, 1}
        assert all(found.classes[photo.label] == photo.path.parent.name for photo in photos)


@pytest.mark.parametrize("seed", range(5))
def test_a_plain_split_is_disjoint_complete_and_keeps_both_eyes_together(
    seed: int, tmp_path: Path
) -> None:
    found = read_dataset(plain_folder(tmp_path / "data"), seed=seed)
    names, people = names_of(found), people_of(found)
    assert sum(map(len, names.values())) == len(set.union(*names.values())) == 80
    assert sum(map(len, people.values())) == len(set.union(*people.values())) == 40


def test_a_plain_split_depends_on_the_seed_alone(tmp_path: Path) -> None:
    root = plain_folder(tmp_path / "data")
    assert read_dataset(root, seed=3) == read_dataset(root, seed=3)
    assert names_of(read_dataset(root, seed=3)) != names_of(read_dataset(root, seed=4))


def test_files_that_are_no_photos_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    root = plain_folder(tmp_path / "data")
    before = read_dataset(root)
    (root / "normal" / "notes.txt").write_text("no photo")
    (root / "normal" / ".hidden_left.jpg").write_bytes(b"x")
    (root / ".cache").mkdir()
    assert read_dataset(root) == before


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such folder"):
        read_dataset(tmp_path / "nowhere")


def test_a_missing_val_dir_is_refused_by_name(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "data"))
    shutil.rmtree(root / "val_dir")
    with pytest.raises(DatasetError, match="val_dir/ is missing; expected train_dir/"):
        read_dataset(root)


def test_splits_whose_classes_differ_are_refused_with_both_lists(
    dataset: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "data"))
    shutil.rmtree(root / "val_dir" / "normal")
    with pytest.raises(
        DatasetError,
        match=r"val_dir/ has the classes cataract, diabetic_retinopathy, glaucoma, not cataract",
    ):
        read_dataset(root)


def test_an_empty_class_is_refused_by_name(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "data"))
    for path in (root / "train_dir" / "glaucoma").iterdir():
        path.unlink()
    with pytest.raises(DatasetError, match="the class folder glaucoma/ has no photo"):
        read_dataset(root)


def test_a_single_class_is_refused_with_the_number_needed(tmp_path: Path) -> None:
    root = plain_folder(tmp_path / "data", classes=("normal",))
    with pytest.raises(DatasetError, match=r"1 class folder\(s\) found, at least 2 are needed"):
        read_dataset(root)


def test_a_plain_folder_too_small_to_split_is_refused(tmp_path: Path) -> None:
    for name in ("glaucoma", "normal"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1_left.jpg").write_bytes(b"x")
    with pytest.raises(DatasetError, match="too few photos to split"):
        read_dataset(tmp_path)


def test_photos_are_loaded_in_order_at_the_size_asked_for(dataset: Path) -> None:
    photos = read_dataset(dataset).splits["val_dir"][:5]
    seen: list[None] = []
    images = load_photos(photos, size=(48, 64), on_photo=lambda: seen.append(None))
    assert images.shape == (5, 48, 64, 3)
    assert images.dtype == np.uint8
    assert len(seen) == 5
    np.testing.assert_array_equal(load_photos(photos[::-1], size=(48, 64)), images[::-1])


def test_broken_photos_are_counted_and_named(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "data"))
    photos = read_dataset(root).splits["val_dir"]
    photos[2].path.write_bytes(photos[2].path.read_bytes()[:1000])
    photos[7].path.write_bytes(b"not a photo")
    with pytest.raises(DatasetError, match=r"2 photo\(s\) can't be read") as caught:
        load_photos(photos, size=(32, 32))
    assert str(photos[2].path) in str(caught.value)
    assert str(photos[7].path) in str(caught.value)


def test_of_many_broken_photos_ten_are_named_and_all_counted(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "data"))
    photos = read_dataset(root).splits["train_dir"][:13]
    for photo in photos:
        photo.path.write_bytes(b"not a photo")
    with pytest.raises(PhotosUnreadableError, match=r"13 photo\(s\) .*; and 3 more$") as caught:
        load_photos(photos, size=(32, 32))
    named = [photo for photo in photos if str(photo.path) in str(caught.value)]
    assert len(named) == 10


def test_a_fingerprint_does_not_depend_on_place_and_file_names(
    dataset: Path, tmp_path: Path
) -> None:
    original = fingerprint(read_dataset(dataset))
    root = Path(shutil.copytree(dataset, tmp_path / "elsewhere"))
    assert fingerprint(read_dataset(root)) == original
    photo = read_dataset(root).splits["train_dir"][0].path
    photo.rename(photo.with_name("zzz_right.jpg"))
    assert fingerprint(read_dataset(root)) == original


@pytest.mark.parametrize("change", ["content", "class", "split", "absence"])
def test_a_fingerprint_changes_with_what_the_dataset_holds(
    change: str, dataset: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "data"))
    photo = read_dataset(root).splits["train_dir"][0].path  # a cataract
    if change == "content":
        photo.write_bytes(photo.read_bytes() + b"\0")
    elif change == "class":
        photo.rename(root / "train_dir" / "normal" / photo.name)
    elif change == "split":
        photo.rename(root / "val_dir" / "cataract" / photo.name)
    else:
        photo.unlink()
    assert fingerprint(read_dataset(root)) != fingerprint(read_dataset(dataset))


def test_every_split_has_a_folder_name_of_its_own() -> None:
    assert SPLITS == ("train_dir", "val_dir", "test_dir")


def test_a_link_to_nothing_is_a_photo_that_cannot_be_read(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "data"))
    (root / "train_dir" / "normal" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    found = read_dataset(root)
    with pytest.raises(DatasetError, match=r"1 photo\(s\) can't be read, .*gone\.jpg"):
        load_photos(found.splits["train_dir"], size=(32, 32))
    (root / "val_dir" / "normal" / "also_gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    sentence = r"2 photo\(s\) can't .*gone\.jpg: can't be read: .*also_gone\.jpg: can't be read"
    with pytest.raises(DatasetError, match=sentence):
        fingerprint(read_dataset(root))


def test_a_link_that_leads_back_is_no_class(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset / "train_dir", tmp_path / "data"))
    (root / "all of it").symlink_to(root)
    (root / "above").symlink_to(tmp_path)
    assert read_dataset(root).classes == read_dataset(dataset).classes
