"""A person's report on paper says what the person's page says, on as many pages as it takes."""

import re
import time
from functools import cache

import cv2
import msgspec
import numpy as np
import pytest

from edge_runtime.contract import DISCLAIMER
from edge_runtime.papers import letters
from edge_runtime.papers.report_pdf import report_pdf
from edge_runtime.papers.report_pictures import pictures_of
from edge_runtime.results.legend import captioned, without_legend
from edge_runtime.results.overlays import jpeg
from edge_runtime.results.person_page import person_page
from edge_runtime.results.structured_report import Finding
from edge_runtime.results.texts import LANGUAGES, texts
from tests.conftest import ROOT
from tests.edge_runtime.exchange.reports import facts, full, report_of
from tests.edge_runtime.papers.pdf_tools import check, facts_of, needs_tools, run, text_of
from tests.edge_runtime.results.records import graded, ungradable, unreadable

pytestmark = needs_tools
EN = texts("en")


@cache
def both_eyes():
    return report_of(full("P1_OD.jpg", disc="right"), full("P1_OS.jpg", disc="right"))


def picture(number=0, size=(480, 640)):
    """Make the picture of an eye, as JPEG."""
    made = np.zeros((*size, 3), np.uint8)
    middle = size[1] // 2, size[0] // 2
    cv2.circle(made, middle, size[0] // 2 - 20, (150, 80 + 10 * number, 45), -1)
    return made


@pytest.fixture
def folder(tmp_path):
    """A result folder with the pictures of two photos, and the overlay of the first."""
    for place in ("report", "overlays"):
        (tmp_path / place).mkdir()
    for number in (1, 2):
        (tmp_path / "report" / f"000{number}.jpg").write_bytes(jpeg(picture(number)))
    drawn = captioned(picture(3), "glaucoma 12.3%", "evidence", DISCLAIMER)
    (tmp_path / "overlays" / "0001-a.jpg").write_bytes(jpeg(drawn))
    return tmp_path


def images_in(pdf, tmp_path):
    """Count the pictures that a PDF shows."""
    (tmp_path / "a.pdf").write_bytes(pdf)
    return len(run("pdfimages", "-list", tmp_path / "a.pdf").splitlines()) - 2


def sentences(page):
    """Give what stands on a page between its tags, but for links elsewhere."""
    body = page.partition("<h1")[2]
    body = re.sub(r"<(figcaption|span class=.ways).*?</\1?.*?>", "", body, flags=re.DOTALL)
    said = (" ".join(each.rpartition(">")[2].split()) for each in body.split("<"))
    return [each.replace("&#39;", "'").replace("&#34;", '"').strip("\u00b7 ") for each in said]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["both", "one", "refused"])
def test_the_paper_says_all_that_the_page_says(language, kind, tmp_path):
    report = {
        "both": both_eyes(),
        "one": report_of(full("P1_OD.jpg", dicom=facts("R", by_disc="left"))),
        "refused": report_of(ungradable("P1_OD.jpg"), unreadable("P1_OS.jpg"), graded("x.jpg")),
    }[kind]
    words = texts(language)
    pdf = report_pdf(report, words, None)
    check(pdf, tmp_path)
    said = text_of(pdf).replace(" ", "")
    wanted = {each for each in sentences(person_page(report, words)) if each}
    left = {words.say("heatmap"), words.say("list")}  # there are no pictures
    if any(eye.eye is None for eye in report.eyes):
        left.add(words.say("eye.none"))  # as the one that nobody knows may be of it
        missing = {"right", "left"} - {eye.eye for eye in report.eyes}
        left |= {words.say(f"eye.{each}.title") for each in missing}
    assert len(wanted) > 15
    assert [each for each in wanted - left if each.replace(" ", "") not in said] == []
    for photo in (each for eye in report.eyes for each in eye.photos):
        for finding in photo.findings:
            assert f"{finding.probability:.1%}" in said
    assert f"({language})".encode() in pdf  # which readers aloud go by


def test_each_page_says_what_it_is_for_whose_it_is_and_which_it_is(folder, tmp_path):
    report = report_of(*(full(f"P1_OD_{number}.jpg") for number in range(9)))
    pdf = report_pdf(report, EN, folder)
    check(pdf, tmp_path)
    pages = int(facts_of(pdf)["Pages"])
    assert pages > 1
    (tmp_path / "a.pdf").write_bytes(pdf)
    for page in range(1, pages + 1):
        only = ["-f", str(page), "-l", str(page), "-raw"]
        said = " ".join(run("pdftotext", *only, tmp_path / "a.pdf", "-").decode().split())
        assert DISCLAIMER in said
        assert f"Page {page} of {pages}" in said
        assert "P1 2026-01-02 03:04 \u00b7" in said
    said = text_of(pdf)
    for number in range(9):  # on a page without the eye's title too
        assert f"Right eye (OD) \u00b7 P1_OD_{number}.jpg" in said
    assert "More photos of this eye" in said


def test_photograph_and_overlay_are_shown_and_their_colours_explained(folder, tmp_path):
    pdf = report_pdf(both_eyes(), EN, folder)
    assert facts_of(pdf)["Pages"].strip() == "1"
    assert images_in(pdf, tmp_path) == 3 + 1 + 1  # the legend's scale, and the overlay once more
    said = text_of(pdf)
    assert "photo as taken" in said
    assert "evidence for glaucoma" in said
    assert EN.say("heatmap") in said
    without = report_pdf(both_eyes(), EN, None)
    assert images_in(without, tmp_path) == 0
    assert "photo as taken" not in text_of(without)
    assert len(pdf) < 400_000


def test_an_overlay_is_shown_without_its_legend_as_words_say_the_same(folder):
    photo = both_eyes().eyes[0].photos[0]
    taken, overlay = pictures_of(photo, EN, folder)
    assert taken.shape == overlay.shape == 0.75
    bare = picture(4)
    assert without_legend(captioned(bare, "a", "b", "c")).shape == bare.shape
    assert without_legend(bare).shape == bare.shape


@pytest.mark.parametrize("damage", [b"", b"no jpeg", b"\xff\xd8\xff\xd9", None])
def test_in_the_place_of_a_picture_that_is_gone_or_damaged_stands_that_it_is(
    folder, damage, tmp_path
):
    for file in (*(folder / "report").iterdir(), *(folder / "overlays").iterdir()):
        file.unlink() if damage is None else file.write_bytes(damage)
    pdf = report_pdf(both_eyes(), EN, folder)
    assert images_in(pdf, tmp_path) == 0  # nor the scale of colours that aren't there
    said = text_of(pdf)
    assert said.count("photo as taken: gone or damaged, so it isn't here.") == 2
    assert said.count("evidence for glaucoma: gone or damaged, so it isn't here.") == 2
    assert "P1_OD.jpg" in said
    assert facts_of(pdf)["Pages"].strip() == "1"


def test_the_same_results_are_the_same_pdf_whenever_it_is_made(folder):
    first = report_pdf(both_eyes(), EN, folder)
    time.sleep(1.1)  # a PDF's times are to the second
    assert report_pdf(both_eyes(), EN, folder) == first
    assert "2026" in facts_of(first)["CreationDate"]


@pytest.mark.parametrize(
    "called",
    ["W" * 300, "a long name " * 40, "{nb} **b** __u__", "<b>&'\"\\", "a\nb\u202ec", " ", "\ufffd"],
)
def test_whatever_a_person_is_called_stays_on_the_sheet(called, tmp_path):
    report = report_of(full(f"{'n' * 200}.jpg"), full("b c " * 50 + ".jpg"), person=called)
    pdf = report_pdf(report, EN, None)
    check(pdf, tmp_path)
    if "{nb}" in called:
        assert called in text_of(pdf)
    (tmp_path / "a.pdf").write_bytes(pdf)
    run("pdftoppm", "-r", "72", "-png", tmp_path / "a.pdf", tmp_path / "page")
    for page in tmp_path.glob("page*.png"):
        drawn = cv2.imread(str(page))
        assert drawn[-10:].min() > 250
        assert drawn[:, -30:].min() > 250
        assert drawn[:, :30].min() > 250


def test_names_of_other_scripts_are_written_where_the_system_has_their_fonts(tmp_path):
    for name in ("\u0623\u062d\u0645\u062f 17", "\u0905\u0928\u0940\u0924\u093e"):
        if letters.lacking(name):
            pytest.skip("no font for Arabic and Devanagari: apt install fonts-noto-core")
        pdf = report_pdf(report_of(full("P1_OD.jpg"), person=name), EN, None)
        check(pdf, tmp_path)
        said = text_of(pdf)
        assert "Not written" not in said
        assert said.endswith("2026-01-02 03:04 \u00b7 Page 1 of 1")  # in its own font again


def test_letters_that_no_font_has_are_named_at_the_end(monkeypatch):
    monkeypatch.setattr(letters, "_FOLDERS", ())
    said = text_of(report_pdf(report_of(full("\u738b_OD.jpg"), person="\u738b 17"), EN, None))
    assert "Not written, as no font of this computer has them: U+738B" in said
    assert "\ufffd 17" in said


def test_of_many_classes_the_likeliest_are_told_and_the_rest_as_one():
    (eye,) = report_of(graded("P1_OD.jpg")).eyes
    report = report_of(graded("P1_OD.jpg"))
    many = tuple(
        Finding(f"class {number}", number / 210, number == 20, None) for number in range(1, 21)
    )
    photo = msgspec.structs.replace(eye.photos[0], findings=many)
    eye = msgspec.structs.replace(eye, photos=(photo,))
    said = text_of(report_pdf(msgspec.structs.replace(report, eyes=(eye,)), EN, None))
    assert "class 20 9.5%" in said
    assert "class 13 " in said
    assert "class 12 " not in said
    assert f"12 other classes {sum(range(1, 13)) / 210:.1%}" in said


def test_a_report_of_a_thousand_photos_is_drawn_in_bounds(folder):
    pdf = report_pdf(
        report_of(*(graded(f"P1_OD_{number}.jpg") for number in range(1000))), EN, folder
    )
    assert 15 < int(facts_of(pdf)["Pages"]) < 60
    assert len(pdf) < 2_000_000


def test_the_package_has_the_fonts_and_their_licence():
    fonts = ROOT / "edge_runtime" / "papers" / "fonts"
    assert letters.PLAIN.parent == fonts
    assert (fonts / "LICENSE").is_file()
    assert "edge_runtime/papers/fonts/LICENSE" in (ROOT / "pyproject.toml").read_text("utf-8")
