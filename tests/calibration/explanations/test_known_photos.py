"""Persons come from a folder's table, else from the files' names."""

from pathlib import Path

from calibration.explanations.known_photos import KnownPhoto, choose, known_photos


def test_a_table_tells_the_person_and_else_the_name_does(tmp_path):
    table = tmp_path / "table"
    table.mkdir()
    (table / "labels.csv").write_text(
        "file,label,source,patient\na.jpg,normal,clinic,17\nb.jpg,glaucoma,clinic,\n"
    )
    paths = [table / "a.jpg", table / "b.jpg", tmp_path / "9_left.jpg", tmp_path / "9_right.jpg"]
    for path in paths:
        path.touch()
    assert known_photos((table, *paths[2:]), paths) == (
        KnownPhoto(paths[0], "clinic", "17"),
        KnownPhoto(paths[1], "clinic", None),
        KnownPhoto(paths[2], None, "9"),
        KnownPhoto(paths[3], None, "9"),
    )


def test_a_choice_is_the_seeds_and_keeps_the_order():
    photos = tuple(KnownPhoto(Path(f"{number:02}.jpg")) for number in range(30))
    chosen = choose(photos, 5, seed=0)
    assert len(chosen) == 5
    assert list(chosen) == sorted(chosen, key=lambda photo: photo.path)
    assert chosen == choose(photos, 5, seed=0) != choose(photos, 5, seed=1)
    assert choose(photos, None, seed=0) == choose(photos, 31, seed=0) == photos
