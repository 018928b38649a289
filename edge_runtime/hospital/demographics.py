"""What a hospital says of a patient beside the ID, in the form in which DICOM takes it again."""

import datetime

from msgspec import Struct

from edge_runtime.hospital.words import plain_name


class Demographics(Struct, frozen=True, gc=False):
    """A patient's name, birth date and sex as DICOM writes them, each "" where it isn't told.

    Source: DICOM PS3.3, C.2.3, and PS3.5, 6.2: PN, DA, and M, F or O.
    """

    name: str = ""
    birth_date: str = ""
    sex: str = ""


def demographics_of(name: str, birth_date: str, sex: str) -> Demographics:
    """Keep what is of the form that DICOM asks for; the rest is empty."""
    return Demographics(
        plain_name(name),
        birth_date if _is_date(birth_date) else "",
        sex if sex in ("M", "F", "O") else "",
    )


def _is_date(told: str) -> bool:
    try:
        return f"{datetime.datetime.strptime(told, '%Y%m%d'):%Y%m%d}" == told
    except ValueError:
        return False
