"""Say of a photograph on which word its eye rests."""

from edge_runtime.results.texts import Texts
from edge_runtime.station.camp_facts import Told


def side_row(told: Told, texts: Texts) -> tuple[str, str, bool] | None:
    """Say who told the eye, or why nobody did, where that isn't the name or the operator.

    Returns:
        The row's label, its text, and whether it is a warning; None where there is none.
    """
    photo, say = told.photo, texts.say
    if told.eye_is_told:
        return None
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
