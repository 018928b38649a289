"""Say in rows what is known of a photograph beside its result."""

from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.predict.familiarity import STRANGE
from edge_runtime.results.shown import percent
from edge_runtime.results.texts import Texts
from edge_runtime.results.worklist import HEALTHY
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.camp_photo import CampPhoto
from edge_runtime.station.web.clock import clock
from edge_runtime.station.web.side_row import side_row
from edge_runtime.station.web.why import decided


def is_referred_as_healthy(photo: CampPhoto) -> bool:
    """Tell whether the diseases together refer an eye that is likelier healthy than has any one."""
    return photo.group == "refer" and photo.class_name == HEALTHY


def photo_rows(
    told: Told, camp: Camp, texts: Texts, *, is_dated: bool
) -> list[tuple[str, str, bool]]:
    """Say what is known of a photograph: labels, texts, and whether each is a warning.

    Args:
        told: The photograph.
        camp: Whose it is.
        texts: The words of a language.
        is_dated: Whether times have their day.
    """
    say, photo = texts.say, told.photo
    rows: list[tuple[str, str, bool]] = []

    def row(label: str, text: str, *, bad: bool = False) -> None:
        rows.append((say(f"label.{label}"), text, bad))

    stands = told.decision == "accepted" and photo.class_name is None
    if photo.reason:
        reason = texts.reason(photo.reason)
        row("quality", reason.partition(";")[0] if stands else reason, bad=True)
        hint = texts.of_clause("hint", photo.reason)
        if hint and not stands:
            row("hint", hint)
    if photo.caution:
        strange = photo.familiarity is not None and photo.familiarity < STRANGE
        row("caution", say(f"caution.{'unfamiliar' if strange else 'evidence_outside'}"), bad=True)
    if side := side_row(told, texts):
        label, text, bad = side
        row(label, text, bad=bad)
    if photo.score is not None and photo.threshold is not None:
        values = {"score": percent(photo.score), "threshold": percent(photo.threshold)}
        row("referral", say("referral.score", **values))
    if is_referred_as_healthy(photo):
        name, share = texts.class_name(HEALTHY), percent(photo.confidence or 0.0)
        row("likeliest", f"{name} {share}")
    if photo.no_evidence and photo.class_name:
        row("evidence", say("where.none", name=texts.class_name(photo.class_name)))
    if photo.taken is not None:
        row("taken", clock(photo.taken, is_dated=is_dated))
    if photo.familiarity is not None:
        key = "unusual" if photo.familiarity < STRANGE else "usual"
        row("familiarity", say(f"familiarity.{key}", share=percent(photo.familiarity)))
    if photo.disc_seen is not None:
        row("disc", say("disc.seen" if photo.disc_seen else "disc.unseen"))
    if told.decision:
        kind = "unreadable" if stands else told.decision
        row("decision", say(f"decision.{kind}", why=decided(camp, told)))
    return rows


def said_refer(told: Told) -> bool:
    """Tell whether a photograph was set aside though its result refers."""
    return told.decision == "retake" and told.photo.group == "refer"


def row_of_set_aside(told: Told, camp: Camp, texts: Texts) -> tuple[str, str, bool]:
    """Say what a photograph came to that was set aside, and why, beside the one that counts."""
    photo = told.photo
    if is_referred_as_healthy(photo):
        came = texts.say("result.not_normal")
    else:
        came = f"{texts.class_name(photo.class_name or '')} {percent(photo.confidence or 0.0)}"
    said = f"{printable(Path(photo.path).name)}: {came}; {decided(camp, told)}"
    return texts.say("label.set_aside"), said, True
