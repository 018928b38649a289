"""A card that is copied the next morning: the camera dates its photographs to the day before."""

import pytest
from msgspec.structs import replace

from edge_runtime.results.texts import texts
from edge_runtime.station.advice import advise
from edge_runtime.station.events import PersonCalled, PersonOpened, PhotoAssigned
from edge_runtime.station.hints import Hints
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.station.web.hint_cards import hint_card
from tests.edge_runtime.station.camps import Told, photo

FIRST, NEXT = "2024-05-17", "2024-05-18"


def took(told, path, taken):
    """Let a photograph come that the camera dates."""
    number = len(told.camp.photos) + 1
    short = replace(photo(number, path, 0.1, at=told.at), taken=taken and f"{taken}T19:47:00")
    told.happen(PhotoAssigned(number, 1), photos=[short])


def came(then, now):
    """Let somebody be photographed on two days, with the camera's dates of each."""
    told = Told()
    told.happen(PersonOpened(1, "P1"))
    for number, taken in enumerate(then):
        took(told, f"P1_{number}_OD.jpg", taken)
    told.turn()
    for number, taken in enumerate(now):
        took(told, f"P1_{number}_OS.jpg", taken)
    return told


def card(told, language="en"):
    (hint,) = [each for each in Hints(told.camp).of(1) if each.kind == "again"]
    return hint_card(hint, 1, told.camp, texts(language, TEXTS))


def kinds(told):
    return [each.kind for each in card(told).answers]


def test_a_card_that_came_a_day_late_is_said_to_be_of_the_day_before_and_that_is_offered_first():
    told = came([FIRST], [FIRST, FIRST])
    said = "by the camera's clock the photos that came now were taken on that day too"
    assert said in card(told).sentence
    assert "según el reloj de la cámara" in card(told, "es").sentence
    assert kinds(told) == ["goes_on", "hint", "another"]
    assert advise(told.camp, 1).advice == "incomplete"  # until somebody says that it goes on


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ([FIRST], [NEXT]),
        ([FIRST], [FIRST, NEXT]),  # some of it is of today
        ([FIRST], [FIRST, None]),
        ([None], [FIRST]),  # whether its clock was right isn't known
        (["2015-01-01"], ["2015-01-01"]),  # it stands still
        (["2024-05-16"], [FIRST]),  # it is a day behind
        ([NEXT], [NEXT]),
    ],
)
def test_where_the_camera_doesnt_say_so_a_new_visit_is_offered_first(then, now):
    told = came(then, now)
    assert f"was here on {FIRST}. Same person?" in card(told).sentence
    assert kinds(told) == ["hint", "goes_on", "another"]


def test_who_is_only_called_has_nothing_that_the_camera_dates():
    told = came([FIRST], [])
    told.happen(PersonCalled(1))
    assert kinds(told) == ["hint", "goes_on", "another"]
