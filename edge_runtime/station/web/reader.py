"""Who reads the pages, in which language, what they ask for, and where a form leads them back."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from edge_runtime.station.access.door import Door
from edge_runtime.station.camp import Camp
from edge_runtime.station.web.frame import Station
from edge_runtime.station.web.guard import SIGN_IN

_OWN_PAGE = re.compile(r"/(?:[a-z-]+(?:/(\d{1,9}))?)?")

_LANGUAGE = "language"  # the cookie that holds it
_YEAR = 365 * 24 * 3600  # seconds


def read_in(request: Request, station: Station, door: Door) -> Station:
    """Give the station in the language that a browser reads, to whoever is signed in with it."""
    session = request.state.session
    seen = station.in_language(request.cookies.get(_LANGUAGE))
    return seen.signed_in(session, door.token_of(session))


def number_in(request: Request) -> int:
    """Read the number in an address; -1 where it is none that anything has."""
    told = request.path_params["number"]
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else -1


def person_in(request: Request, station: Station) -> int:
    """Read the number of the person whose page is asked for; who asks holds the store's lock.

    Raises:
        HTTPException: There is no such person, or they became one with another: then it leads to
            the same page of that one, as a page that is open still and a paper have the old number.
    """
    number = number_in(request)
    now = station.store.camp.now_of(number)
    if now is None:
        raise HTTPException(404)
    if now != number:
        told = request.path_params["number"]
        path = request.url.path.replace(f"/{told}", f"/{now}", 1)
        asked = f"?{request.url.query}" if request.url.query else ""
        raise HTTPException(303, headers={"location": f"{path}{asked}"})
    return number


def set_language(answer: Response, language: str) -> Response:
    """Have a browser read another language from now on."""
    answer.set_cookie(_LANGUAGE, language, max_age=_YEAR, httponly=True, samesite="strict")
    return answer


def place_of(back: str) -> str:
    """Name the page of this station to which a form leads back."""
    path = back.partition("?")[0]
    return path if _OWN_PAGE.fullmatch(path) and path != SIGN_IN else "/"


def still_there(place: str, camp: Camp) -> str:
    """Give a page, or the worklist where it is of somebody whose coming up was undone."""
    told = _OWN_PAGE.fullmatch(place)
    is_gone = told is not None and told[1] and camp.now_of(int(told[1])) is None
    return "/worklist" if is_gone else place
