"""The representative set is balanced, seeded, and knows nothing of other splits."""

import cv2
import numpy as np
import pytest
from make_fundus import draw_fundus

from calibration.int8.representative import representative_set
from train.data.dataset import read_dataset
from train.errors import DatasetError

CLASSES = ("glaucoma", "normal")


def write(path, seed, *, size=None, name="normal"):
    path.parent.mkdir(parents=True, exist_ok=True)
    photo = draw_fundus(name, seed=seed)
    if size:
        photo = cv2.resize(photo, size)
    assert cv2.imwrite(str(path), np.ascontiguousarray(photo[..., ::-1]))


@pytest.fixture
def root(tmp_path):
    """Of each class 12 large PNGs and 3 small JPEGs; one photo also stands in val_dir."""
    for label, name in enumerate(CLASSES):
        for index in range(12):
            write(tmp_path / "train_dir" / name / f"a{index}.png", 100 * label + index, name=name)
        for index in range(3):
            small = {"size": (120, 120), "name": name}
            write(
                tmp_path / "train_dir" / name / f"b{index}.jpg", 100 * label + 50 + index, **small
            )
        write(tmp_path / "val_dir" / name / "v.png", 100 * label + 90, name=name)
    write(tmp_path / "val_dir" / "normal" / "leak.png", 100, name="normal")  # train_dir's a0
    return tmp_path


def chosen(root, **options):
    found = representative_set(read_dataset(root), **options)
    assert len(found.digests) == len(found.photos)
    return [photo.path.relative_to(root).as_posix() for photo in found.photos], found


def test_classes_and_sources_take_turns(root):
    names, _ = chosen(root, photos=12, seed=0)
    for name in CLASSES:
        of_class = [each for each in names if f"/{name}/" in each]
        assert len(of_class) == 6
        assert sum(each.endswith(".jpg") for each in of_class) == 3


def test_no_photo_of_another_split_and_a_copy_of_one_last(root):
    for seed in range(4):
        names, _ = chosen(root, photos=28, seed=seed)
        assert all(name.startswith("train_dir/") for name in names)
        assert "train_dir/normal/a0.png" not in names
        assert len(names) == 28
    every, _ = chosen(root, photos=1000, seed=0)
    assert len(every) == len(set(every)) == 30
    assert every[-1] == "train_dir/normal/a0.png"


def test_a_copy_comes_last(root):
    for index in range(6):
        write(root / "train_dir" / "normal" / f"c{index}.png", 103, name="normal")
    for seed in range(4):
        names, _ = chosen(root, photos=28, seed=seed)
        of_class = [each for each in names if "/normal/" in each]
        copies = [each for each in of_class if "/c" in each or each.endswith("/a3.png")]
        assert len(of_class) == 14  # 11 PNGs, a3 or one of its copies among them, and 3 JPEGs
        assert len(copies) == 1


def test_the_seed_decides(root):
    assert chosen(root, photos=8, seed=1)[1] == chosen(root, photos=8, seed=1)[1]
    assert chosen(root, photos=8, seed=1)[0] != chosen(root, photos=8, seed=2)[0]


def test_a_class_of_copies_alone_is_there_too(tmp_path):
    for split in ("train_dir", "val_dir"):
        for label, name in enumerate(CLASSES):
            write(tmp_path / split / name / "a.png", label, name=name)
    write(tmp_path / "train_dir" / "normal" / "b.png", 7, name="normal")
    names, _ = chosen(tmp_path, photos=2, seed=0)
    assert names == ["train_dir/glaucoma/a.png", "train_dir/normal/b.png"]


def test_a_train_dir_that_cannot_be_read_is_refused(tmp_path):
    for split in ("train_dir", "val_dir"):
        for name in CLASSES:
            (tmp_path / split / name).mkdir(parents=True)
            (tmp_path / split / name / "a.png").write_bytes(b"no photo")
    with pytest.raises(DatasetError, match="no photo that can be read"):
        representative_set(read_dataset(tmp_path), photos=8, seed=0)
