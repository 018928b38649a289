"""The pages' templates: what they escape, refuse and hold in memory."""

import re

import msgspec
import pytest
from jinja2 import UndefinedError

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.bundle.origin import TrainedOn
from edge_runtime.bundle.referral import Referral
from edge_runtime.photo.field import Field
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.record import (
    BundleIdentity,
    ErrorRecord,
    Explanation,
    GradedRecord,
    ModelIdentity,
    UngradableRecord,
)
from edge_runtime.results.page import photo_section, report_page
from edge_runtime.results.page_template import page_template
from tests.conftest import ROOT

TEMPLATES = [
    ROOT / folder / "templates"
    for folder in ("edge_runtime/results", "train/audit", "calibration/validation")
]
MARKUP = "<script>alert('&')</script>"
ESCAPED = "&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"

REST = (
    ModelIdentity("int8", "int8", "0" * 64, ("CPU",), "passed"),
    BundleIdentity("b", "1" * 64),
    "for study",
)
OK = GradedRecord(
    MARKUP, MARKUP, 0.5, Referral(refer=True, score=0.5, threshold=0.25, why=MARKUP), MARKUP,
    {MARKUP: 0.5, "normal": 0.5}, None,
    (Explanation(MARKUP, positive_evidence=True, evidence_logits=1.0, evidence_outside=0.0),),
    "exact", None, (480, 640), Field(320, 240, 470, 460, 3), {}, *REST,
)  # fmt: skip


@pytest.mark.parametrize(
    ("record", "photo", "times"),
    [
        (OK, "data:,", 7),
        (UngradableRecord(MARKUP, MARKUP, *REST), "data:,", 2),
        (ErrorRecord(MARKUP, MARKUP, *REST), None, 2),
    ],
    ids=["ok", "ungradable", "error"],
)
def test_markup_in_a_record_is_text_in_its_part_of_the_report(record, photo, times):
    section = photo_section(record, photo, {MARKUP: "data:,"})
    assert "<script" not in section
    assert section.count(ESCAPED) == times


def test_markup_in_a_manifest_is_text_in_the_report(exported):
    classifier = Classifier(load_bundle(exported))
    manifest = classifier.bundle.manifest
    object.__setattr__(manifest, "name", MARKUP)
    object.__setattr__(manifest.origin, "dataset", TrainedOn(name=MARKUP, photos={MARKUP: 3}))
    page = "".join(report_page(classifier, [], photos=0, failed=0, ungradable=0))
    assert "<script" not in page
    assert page.count(ESCAPED) == 3


def test_the_report_says_what_each_threshold_reaches():
    bundle = load_bundle()
    thresholds = bundle.manifest.models["int8"].thresholds
    measured = msgspec.structs.replace(
        thresholds.classes["cataract"], specificity=0.9, specificity_interval=(0.8, 1)
    )
    object.__setattr__(thresholds, "classes", thresholds.classes | {"cataract": measured})
    page = "".join(report_page(Classifier(bundle), [], photos=0, failed=0, ungradable=0))
    assert "for a sensitivity of 90% of each class, specificity 49.4% (42.9% to 55.9%); " in page
    alone = "specificity of it alone 90.0% (80.0% to 100.0%)"
    assert f"cataract 62.2%, sensitivity 100.0% (80.5% to 100.0%), {alone}; " in page
    assert "glaucoma 38.8%, sensitivity 93.1% (86.6% to 98.0%)</td>" in page


def test_the_report_holds_one_photos_part_at_a_time(exported):
    asked = []

    def sections():
        for number in range(50):
            asked.append(number)
            yield f"<section>part {number}.</section>\n"

    classifier = Classifier(load_bundle(exported))
    page = report_page(classifier, sections(), photos=50, failed=0, ungradable=0)
    for piece in page:
        for number in map(int, re.findall(r"part (\d+)\.", piece)):
            assert number == asked[-1]
    assert len(asked) == 50


def test_a_template_refuses_what_it_isnt_given():
    with pytest.raises(UndefinedError, match="name"):
        page_template("photo.html.jinja").render(record=OK, photo=None, overlays={})


def test_the_stylesheet_has_each_class_of_the_templates_and_no_other():
    sources = [path.read_text("utf-8") for t in TEMPLATES for path in t.glob("*.jinja")]
    assert len(sources) == 7
    plain = [re.sub(r"{{.*?}}", "", source) for source in sources]
    named = {name for text in plain for names in re.findall(r'class="(.*?)"', text)
             for name in names.split()}  # fmt: skip
    given = {"good", "numbers", "pass", "top"}  # those that depend on something
    style = (TEMPLATES[0] / "style.css").read_text("utf-8")
    styled = set(re.findall(r"\.([a-z]+)", re.sub(r"{[^{}]*}", "", style)))
    assert named | given == styled
