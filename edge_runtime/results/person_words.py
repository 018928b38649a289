"""What a person's page and paper say of photographs and of the model, label by label."""

import datetime
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.results.evidence_words import where
from edge_runtime.results.shown import percent
from edge_runtime.results.structured_report import Evidence, ModelReport, PersonReport, PhotoReport
from edge_runtime.results.texts import Texts

Row = tuple[str, str, bool]  # a label, a text, and whether it is a warning


def told_by(report: PersonReport) -> str:
    """Give the key of the text that says what put the photos together."""
    if any(photo.side.by_dicom for eye in report.eyes for photo in eye.photos):
        return "person.by_dicom" if report.is_named else "person.alone_dicom"
    return "person.named" if report.is_named else "person.alone"


def done_at(report: PersonReport) -> str:
    """Write when the last of a person's photos was done, by the clock there."""
    return datetime.datetime.fromisoformat(report.time).strftime("%Y-%m-%d %H:%M")


def file_name(photo: PhotoReport) -> str:
    """Give the name of a photo's file."""
    return printable(Path(photo.path).name)


def result_of(photo: PhotoReport, texts: Texts) -> str:
    """Say what a photo came to."""
    return texts.say("no_class") if photo.predicted is None else texts.class_name(photo.predicted)


def explained(photo: PhotoReport) -> Evidence | None:
    """Give the predicted class's evidence, that of another class where it wasn't explained."""
    own = (each for each in photo.evidence if each.class_name == photo.predicted)
    return next(own, next(iter(photo.evidence), None))


def overlay_shows(evidence: Evidence, texts: Texts) -> str:
    """Say what an overlay shows, which has no colours where nothing speaks for its class."""
    says = "picture.overlay" if evidence.is_positive else "where.none"
    return texts.say(says, name=texts.class_name(evidence.class_name))


def photo_rows(photo: PhotoReport, evidence: Evidence | None, texts: Texts) -> list[Row]:
    """Say what is known of a photo, label by label."""
    say = texts.say
    rows: list[Row] = []

    def row(label: str, text: str, *, bad: bool = False) -> None:
        rows.append((say(f"label.{label}"), text, bad))

    for caution in photo.cautions:
        row("caution", say(f"caution.{caution.code}"), bad=True)
    named, seen, by_dicom = photo.side.in_name, photo.side.by_disc, photo.side.by_dicom
    if by_dicom and by_dicom.doubt:
        row("caution", say(f"caution.dicom_{by_dicom.doubt}"), bad=True)
    elif by_dicom:
        row("side", say("side.by_dicom", eye=say(f"eye.{by_dicom.eye}")))
    elif photo.side.doubt is not None:
        words = {"named": say(f"eye.{named}"), "seen": say(f"eye.{seen}")}
        row("caution", say("caution.side", **words), bad=True)
    elif named is None and seen is not None:
        row("side", say("side.by_disc", eye=say(f"eye.{seen}")))
    if decided := photo.referral:
        values = {"score": percent(decided.score), "threshold": percent(decided.threshold)}
        row("referral", say("referral.score", **values))
    elif photo.predicted is not None:
        row("referral", say("referral.none"))
    quality, reason = photo.quality, photo.quality.reason or ""
    kind = "unchecked" if quality.status == "graded" and not quality.gate else quality.status
    row("quality", say(f"quality.{kind}", reason=texts.reason(reason)))
    if like := photo.familiarity:
        row("familiarity", say("familiarity", share=percent(like.share)))
    if evidence:
        row("evidence", where(evidence, texts, disc_seen=photo.disc_seen))
    return rows


def model_rows(report: PersonReport, texts: Texts) -> list[Row]:
    """Say which model spoke and what is known of it, label by label."""
    say, model = texts.say, report.model
    identity = say(
        "model.identity",
        bundle=model.bundle.name,
        identity=model.bundle.identity[:12],
        model=", ".join(dict.fromkeys((model.model.name, model.model.precision))),
        sha256=model.model.sha256[:12],
        version=report.version,
    )
    validation = model.model.validation
    classes = ", ".join(map(texts.class_name, report.scope.classes))
    return [
        (say("model"), identity, False),
        (say("validation"), say(f"validation.{validation}"), validation != "passed"),
        (say("measured"), _measured(model, texts), False),
        (say("confidence"), say(f"confidence.{model.confidence_is}"), False),
        (say("scope"), say("scope.limits", classes=classes), False),
    ]


def _measured(model: ModelReport, texts: Texts) -> str:
    """Tell the last split's figures, which is the test's where there is one."""
    if not model.measured:
        return texts.say("measured.none")
    last = model.measured[-1]
    classes = ", ".join(
        f"{texts.class_name(name)} {'-' if value is None else percent(value, 0)}"
        for name, value in ((name, each.sensitivity.value) for name, each in last.classes.items())
    )
    said = texts.say(
        "measured.classes",
        photos=last.photos,
        split=texts.split(last.split),
        accuracy="-" if last.accuracy.value is None else percent(last.accuracy.value, 0),
        classes=classes,
    )
    return f"{said} {texts.say('camera')}"
