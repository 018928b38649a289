"""What commands of the laboratory give out: JSON that is whole, and pages without folders."""

import json
import os
from dataclasses import dataclass

from calibration.explanations.published import left_out_rows, photo_name, publish, to_json


@dataclass(frozen=True)
class LeftOut:
    path: str
    reason: str


def test_a_name_that_is_no_utf_8_is_written_and_read_again(tmp_path):
    name = os.fsdecode(b"Jos\xe9_\xff.jpg") + "\u00e9"
    text = to_json(LeftOut(name, "dark"))
    publish(tmp_path / "out", ("page.html", "page"), ("record.json", text))
    assert json.loads((tmp_path / "out" / "record.json").read_bytes())["path"] == name
    assert "\u00e9" in text


def test_a_page_names_a_photo_by_its_file_alone():
    assert photo_name("/of/Ana Diaz/eye\n1.jpg") == "eye\\n1.jpg"
    rows = left_out_rows([LeftOut("Ana Diaz/eye.jpg", "the photo is\ntoo dark")])
    assert rows == [("eye.jpg", "the photo is\\ntoo dark")]
