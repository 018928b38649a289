"""Read the fields of a form, and say what is wrong with one that can't be taken."""

import re
from collections.abc import Mapping

from edge_runtime.errors import printable
from edge_runtime.station.camp import Camp
from edge_runtime.station.visits import numbered
from edge_runtime.station.web.form_error import FormError

Form = Mapping[str, str]

_MOST_LETTERS = 200


def free_number(given: str) -> str:
    """Give what a person shall be called by; a ``FormError`` where # makes it somebody's page."""
    if given.startswith("#"):
        raise FormError("error.hash")
    return given


def people_called(given: str, camp: Camp) -> list[int]:
    """List the people who are called by a number, however it is written; nobody is by none.

    ``#12`` is the one whose page is number 12, whatever they are called by, or with whom that one
    became one.
    """
    if page := re.fullmatch(r"#(\d{1,9})", given):
        number = camp.now_of(int(page[1]))
        return [] if number is None else [number]
    return numbered(camp, given)


def is_open(given: str, people: list[int], camp: Camp) -> bool:
    """Tell whether a number leaves it open who is meant: several have it, here or on a worklist."""
    is_by_page = given.startswith("#")
    return len(people) > 1 or any(camp.people[n].doubled and not is_by_page for n in people)


def text_in(form: Form, name: str) -> str:
    """Read a line, without what nobody sees, such as what turns letters about.

    Raises:
        FormError: It has more than 200 letters.
    """
    words = form.get(name, "").split()
    seen = ("".join(each for each in word if each == printable(each)) for word in words)
    text = " ".join(filter(None, seen))
    if len(text) > _MOST_LETTERS:
        raise FormError("error.long")
    return text


def number_in(form: Form, name: str) -> int:
    """Read a number; -1, which nothing has, where there is none."""
    value = form.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else -1


def photo_in(form: Form, camp: Camp) -> int:
    """Read which photograph a form is about; a ``FormError`` where there is none such."""
    number = number_in(form, "photo")
    if number not in camp.told:
        raise FormError("error.photo")
    return number


def person_in(form: Form, camp: Camp) -> int:
    """Read which person a form is about; a ``FormError`` where there is none such."""
    number = number_in(form, "person")
    if number not in camp.people:
        raise FormError("error.nobody")
    return number
