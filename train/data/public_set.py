"""Recognise the public four-class set, and say what is known of it."""

import re

from train.data.labelled import Dataset
from train.data.table import is_table

_CLASSES = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")
_EYEPACS = re.compile(r"^\d+_(left|right)\.jpe?g$")
_ENOUGH = 200  # photos of retinopathy with such names; the whole set has 1,098


def note_on(dataset: Dataset) -> str:
    """Say of the public four-class set what its retinopathy folder holds; empty of any other.

    It goes by folders: a table may have such names from EyePACS or ODIR with labels of its own.
    """
    if dataset.classes != _CLASSES or is_table(dataset.root):
        return ""
    found = sum(
        photo.path.parent.name == _CLASSES[1] and _EYEPACS.match(photo.path.name) is not None
        for photo in dataset.photos
    )
    if found < _ENOUGH:
        return ""
    return (
        "this looks like the public four-class set, in which about three quarters of the folder "
        "diabetic_retinopathy are healthy eyes by EyePACS' own grades: see docs/data-notes.md"
    )
