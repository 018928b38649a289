"""The pages' templates: what they escape, refuse and hold in memory."""

import os
import re

import msgspec
import pytest
from jinja2 import UndefinedError

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.bundle.origin import TrainedOn
from edge_runtime.bundle.referral import Referral
from edge_runtime.errors import printable
from edge_runtime.photo.field import Field
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.familiarity import Likeness
from edge_runtime.predict.record import (
    ErrorRecord,
    Explanation,
    GradedRecord,
    UngradableRecord,
)
from edge_runtime.results.page import (
    Figure,
    details_page,
    photo_section,
    report_page,
    worklist_row,
)
from edge_runtime.results.page_template import page_template
from edge_runtime.results.worklist import GROUPS, NOT_REFERRED, RETAKE, UNDECIDED, place
from tests.conftest import ROOT
from tests.edge_runtime.results.records import REST

TEMPLATES = [
    ROOT / folder / "templates"
    for folder in ("edge_runtime/results", "train/audit", "calibration/validation")
]
MARKUP = "<script>alert('&')<script>"
ESCAPED = "&lt;script&gt;alert(&#39;&amp;&#39;)&lt;script&gt;"

OK = GradedRecord(
    MARKUP, MARKUP, 0.5, Referral(refer=True, score=0.5, threshold=0.25, why=MARKUP), MARKUP,
    Likeness(share=0.25, distance=0.5), {MARKUP: 0.5, "normal": 0.5}, None,
    (Explanation(MARKUP, positive_evidence=True, evidence_logits=1.0, evidence_outside=0.0),),
    "exact", None, (480, 640), Field(320, 240, 470, 460, 3), {}, *REST,
)  # fmt: skip


@pytest.mark.parametrize(
    ("record", "in_section", "in_row"),
    [
        (OK, 8, 4),
        (UngradableRecord(MARKUP, MARKUP, *REST), 3, 3),
        (ErrorRecord(MARKUP, MARKUP, *REST), 3, 2),
    ],
    ids=["ok", "ungradable", "error"],
)
def test_markup_in_a_record_is_text_in_its_part_of_the_report(record, in_section, in_row):
    figures = {name: Figure(MARKUP, 4, 3) for name in ("", MARKUP)}
    section = photo_section(record, place(record, 1), figures)
    row = worklist_row(record, place(record, 1), index=0, person="people/7.html")
    assert "<script" not in section + row
    assert (section.count(ESCAPED), row.count(ESCAPED)) == (in_section, in_row)


def test_a_link_to_a_picture_is_encoded_whatever_its_name():
    figures = {"": Figure("a.jpg", 4, 3), MARKUP: Figure('../overlays/1-\u0153il %#?"<.jpg', 4, 3)}
    section = photo_section(OK, place(OK, 1), figures)
    assert section.count('"../overlays/1-%C5%93il%20%25%23%3F%22%3C.jpg"') == 2
    assert section.count('width="4" height="3" loading="lazy"') == 2  # so that nothing jumps


@pytest.mark.parametrize(
    ("path", "name", "parent"),
    [
        ("eye.jpg", "eye.jpg", None),
        ("a b/eye.jpg", "eye.jpg", "a b"),
        ("/eye.jpg", "eye.jpg", "/"),
        ("in/two\nlines.jpg", "two\\nlines.jpg", "in"),
        (os.fsdecode(b"caf\xe9/\xe9.jpg"), "\\udce9.jpg", "caf\\udce9"),
    ],
)
def test_a_row_has_the_files_name_first_and_its_folder_below(path, name, parent):
    record = ErrorRecord(path, f"{printable(path)}: the file is empty", *REST)
    row = worklist_row(record, place(record, 7), index=60, person="people/a b.html")
    folder = f'<br><span class="faint">in {parent}</span>' if parent else ""
    assert f'<a href="report/photos-003.html#n7">{name}</a>{folder}<br>' in row
    assert '<a class="ways" href="people/a%20b.html">person</a></td>' in row
    assert "<td>the file is empty</td>" in row  # the path stands beside it


def test_a_row_has_words_for_what_to_do_and_why():
    row = worklist_row(OK, place(OK, 7), index=0, person="people/7.html")
    assert '<span class="mark refer">Refer</span>' in row
    assert "50.0% for all diseases together; referred from 25.0% on" in row
    assert "Caution: " in row
    undecided = msgspec.structs.replace(OK, referral=None, caution=None)
    row = worklist_row(undecided, place(undecided, 7), index=0, person="people/7.html")
    assert "Undecided</span>" in row
    assert row.rstrip().endswith("50.0%</td>\n<td></td></tr>")


def test_markup_in_a_manifest_is_text_in_the_report(exported):
    classifier = Classifier(load_bundle(exported))
    manifest = classifier.bundle.manifest
    object.__setattr__(manifest, "name", MARKUP)
    object.__setattr__(manifest.origin, "dataset", TrainedOn(name=MARKUP, photos={MARKUP: 3}))
    page = "".join(report_page(classifier, [], counts={}))
    assert "<script" not in page
    assert page.count(ESCAPED) == 3


def test_the_report_says_what_each_threshold_reaches():
    bundle = load_bundle()
    thresholds = bundle.manifest.models["int8"].thresholds
    measured = msgspec.structs.replace(
        thresholds.classes["cataract"], specificity=0.9, specificity_interval=(0.8, 1)
    )
    object.__setattr__(thresholds, "classes", thresholds.classes | {"cataract": measured})
    page = "".join(report_page(Classifier(bundle), [], counts={}))
    assert "for a sensitivity of 90% of each class, specificity 53.4% (47.4% to 59.8%); " in page
    alone = "specificity of it alone 90.0% (80.0% to 100.0%)"
    assert f"cataract 84.5%, sensitivity 100.0% (80.5% to 100.0%), {alone}; " in page
    assert "glaucoma 43.1%, sensitivity 94.4% (88.9% to 98.8%), specificity of it alone" in page


def test_the_report_holds_one_photos_part_at_a_time(exported):
    asked = []

    def parts():
        for number in range(50):
            asked.append(number)
            yield f"part {number}.\n"

    rows = ((number // 25, part) for number, part in enumerate(parts()))
    for page in (
        report_page(Classifier(load_bundle(exported)), rows, counts={0: 25, 1: 25}),
        details_page(parts(), first=0, photos=50),
    ):
        asked.clear()
        for piece in page:
            for number in map(int, re.findall(r"part (\d+)\.", piece)):
                assert number == asked[-1]
        assert len(asked) == 50


@pytest.mark.parametrize("decides", [True, False])
def test_the_top_counts_each_group_that_a_run_can_have_and_leads_to_it(exported, decides):
    classifier = Classifier(load_bundle() if decides else load_bundle(exported))
    last = NOT_REFERRED if decides else UNDECIDED
    rows = [(RETAKE, "<tr>"), (last, "<tr>"), (last, "<tr>")]
    page = "".join(report_page(classifier, rows, counts={RETAKE: 1, last: 2}))
    top = re.findall(r"<b>(\d+)</b>([a-z ]+)</(?:a|div)>", page)
    end = ("2", "not to refer") if decides else ("2", "without a decision")
    assert top == [("0", "to refer"), ("1", "to retake or check"), ("0", "unreadable"), end]
    assert '<a href="#retake">' in page
    assert page.count("<tbody id=") == 2
    assert ("no referral thresholds, so nothing is decided" in page) == (not decides)


@pytest.mark.parametrize(
    ("first", "ways"),
    [(0, ["photos-002.html"]), (25, ["photos-001.html", "photos-003.html"]),
     (50, ["photos-002.html"])],
)  # fmt: skip
def test_a_page_of_details_leads_to_its_neighbours(first, ways):
    page = "".join(details_page([], first=first, photos=51))
    assert re.findall(r'href="(.*?)"', page) == ["../report.html", *ways] * 2
    assert f"Photos {first + 1} to {min(first + 25, 51)} of 51" in page


def test_a_template_refuses_what_it_isnt_given():
    with pytest.raises(UndefinedError, match="name"):
        page_template("photo.html.jinja").render(record=OK, group=GROUPS[0], number=1)


def test_the_stylesheet_has_each_class_of_the_templates_and_no_other():
    sources = [path.read_text("utf-8") for t in TEMPLATES for path in t.glob("*.jinja")]
    assert len(sources) == 11
    plain = [re.sub(r"{{.*?}}", "", source) for source in sources]
    named = {name for text in plain for names in re.findall(r'class="(.*?)"', text)
             for name in names.split()}  # fmt: skip
    given = {"good", "numbers", "pass", "tight", "top", "wide"}  # those that depend on something
    given |= {"refer", "retake", "unreadable"}
    style = "".join(file.read_text("utf-8") for file in TEMPLATES[0].glob("*.css"))
    styled = set(re.findall(r"\.([a-z]+)", re.sub(r"{[^{}]*}", "", style)))
    assert named | given == styled
