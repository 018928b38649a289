"""An archive is listed in a settled order, each photograph once, whatever else lies there."""

import pyarrow as pa
import pytest
from pyarrow import parquet

from edge_runtime.archive.errors import SourceError
from edge_runtime.archive.listing import Entry, Listed, entries
from edge_runtime.archive.place import place_of


def listed(source):
    counts = Listed()
    return [*entries(str(source), counts)], counts


@pytest.fixture
def folder(tmp_path):
    for name in ("b.jpg", "a.PNG", "notes.txt", "film.mp4", ".hidden.jpg", "x/2.jpg", "x/y/1.tif",
                 "_out/part-00000000.parquet", "_out/one.jpg", ".cache/1.jpg"):  # fmt: skip
        file = tmp_path / "photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"1")
    (tmp_path / "photos" / "link").symlink_to(tmp_path)
    return tmp_path / "photos"


def test_a_folder_is_walked_by_name_and_each_photo_has_the_folder_that_it_lies_in(folder):
    found, counts = listed(folder)
    assert [(entry.path.removeprefix(f"{folder}/"), entry.source) for entry in found] == [
        ("a.PNG", None), ("b.jpg", None), ("x/2.jpg", "x"), ("x/y/1.tif", "x")
    ]  # fmt: skip
    assert counts.photos == counts.expected == 4
    assert counts.beside == 4  # the film, the link, and what lies among results


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_list_has_each_path_once_with_its_source_and_day(tmp_path, kind):
    rows = {
        "path": ["a.jpg", f"{tmp_path}/b.jpg", "./a.jpg", "s3://bucket/c d%.jpg", "", "a.jpg"],
        "source": ["one", "", "one", "two", "", "one"],
        "date": ["2026-11-29", "", "2026-11-29", "2026-02-30", "", ""],
        "more": ["x"] * 6,
    }
    file = tmp_path / f"list.{kind}"
    if kind == "csv":
        lines = [",".join(rows), *(",".join(row) for row in zip(*rows.values(), strict=True))]
        file.write_text("\n".join(lines), "utf-8-sig")
    else:
        parquet.write_table(pa.table(rows), file)
    found, counts = listed(file)
    assert found == [
        Entry(f"{tmp_path}/a.jpg", "one", "2026-11-29"),
        Entry(f"{tmp_path}/b.jpg", None, None),
        Entry("s3://bucket/c d%.jpg", "two", None),
    ]
    assert (counts.duplicates, counts.undated, counts.pathless, counts.photos) == (2, 1, 1, 3)


def test_what_no_file_can_be_called_is_counted_and_no_password_is_taken_along(tmp_path):
    rows = {
        "path": ["a\0.jpg", "https://me:secret@example.org/a@b.jpg", "s3://key:secret@bucket/c.jpg",
                 "s3://bucket/x@y/d.jpg", None, "s3://bucket/e.jpg?region=x&secret_key=secret",
                 "https://example.org/f.jpg?X-Amz-Signature=secret", "s3://bucket/g?.jpg"],
        "source": [1, 2, 3, 4, 5, 6, 7, 8],
    }  # fmt: skip
    parquet.write_table(pa.table(rows), tmp_path / "list.parquet")
    found, counts = listed(tmp_path / "list.parquet")
    assert [(entry.path, entry.source) for entry in found] == [
        ("https://example.org/a@b.jpg", "2"), ("s3://bucket/c.jpg", "3"),
        ("s3://bucket/x@y/d.jpg", "4"), ("s3://bucket/e.jpg", "6"),
        ("https://example.org/f.jpg", "7"), ("s3://bucket/g?.jpg", "8"),
    ]  # fmt: skip
    assert counts.pathless == 2


def test_what_a_list_says_that_is_not_utf8_has_escapes(tmp_path):
    (tmp_path / "list.csv").write_bytes(b"path,source\n/a.jpg,Cl\xednica\n")
    assert listed(tmp_path / "list.csv")[0] == [Entry("/a.jpg", "Cl\\udcednica")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none", None, "no folder and no list of paths"),
        ("list.csv", "file\na.jpg\n", "a list needs a column 'path'"),
        ("list.csv", "", "a list needs a column 'path'"),
        ("list.csv", 'path\n"' + "a" * 200_000, "is no CSV"),
        ("list.parquet", "PAR1", "no Parquet file"),
        ("gone.csv", None, "no such file"),
    ],
)
def test_what_is_no_archive_is_refused_in_one_sentence(tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(SourceError, match=said) as raised:
        listed(tmp_path / name)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "s3://user:secret@bucket/photos", "s3://secret@bucket/photos",
        "s3://bucket/photos?access_key=secret", "s3://bucket/photos?region=x&secret_key=secret",
    ],
)  # fmt: skip
def test_a_url_that_says_who_asks_is_refused_and_not_repeated(url):
    with pytest.raises(SourceError, match="by the environment") as raised:
        place_of(url)
    assert "secret" not in str(raised.value)


def test_a_url_of_an_unknown_kind_is_refused():
    with pytest.raises(SourceError, match="no place that can be read"):
        place_of("gopher://bucket/photos")


def test_a_url_of_a_file_is_a_folder(tmp_path):
    assert place_of(f"file://{tmp_path}") == place_of(str(tmp_path))
    assert place_of("s3://bucket/a/?region=eu-west-1").text == "s3://bucket/a"
