"""Say of a photograph on which word its eye rests."""

from edge_runtime.results.texts import Texts
from edge_runtime.station.camp_facts import Told


def side_row(told: Told, texts: Texts) -> tuple[str, str, bool] | None:
    """Say who told the eye, or why nobody did, where that isn't the name or the operator.

    Of an operator's word it is what speaks against it, as the reports for a hospital say it.

    Returns:
        The row's label, its text, and whether it is a warning; None where there is none.
    """
    photo, say = told.photo, texts.say
    if told.eye_is_told:
        return _against_operator(told, texts)
    if photo.dicom is not None:
        if photo.dicom.doubt:
            return "caution", say(f"caution.dicom_{photo.dicom.doubt}"), True
        return "side", say("side.by_dicom", eye=say(f"eye.{told.eye}")), False
    if photo.side_doubt:
        named, seen = (say(f"eye.{each}") for each in (photo.eye_in_name, photo.eye_by_disc))
        return "side", say("caution.side", named=named, seen=seen), True
    if told.eye is not None and photo.eye_in_name is None:
        return "side", say("side.by_disc", eye=say(f"eye.{told.eye}")), False
    return None


def _against_operator(told: Told, texts: Texts) -> tuple[str, str, bool] | None:
    """Say what there is against the operator's word for the eye, or that they couldn't tell it."""
    photo, say = told.photo, texts.say
    if told.eye is None:
        return "side", say("side.told.nobody"), True
    by_file = photo.eye_in_name if photo.dicom is None else photo.dicom.said
    against = []
    if by_file not in (None, told.eye):
        key = "side.told.name" if photo.dicom is None else "side.told.file"
        against.append(say(key, eye=say(f"eye.{by_file}")))
    elif photo.dicom is not None and photo.dicom.doubt not in (None, "disc"):
        against.append(say(f"caution.dicom_{photo.dicom.doubt}").partition(";")[0])
    if photo.eye_by_disc not in (None, told.eye):
        against.append(say("side.told.disc", eye=say(f"eye.{photo.eye_by_disc}")))
    if not against:
        return None
    return (
        "side",
        "; ".join((*against, say("side.told.operator", eye=say(f"eye.{told.eye}")))),
        True,
    )
