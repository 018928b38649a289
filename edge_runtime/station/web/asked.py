"""What a request asks for: whose page, in which language."""

from starlette.requests import Request

from edge_runtime.station.web.frame import Station

#: The cookie by which a browser reads another language than the station's own.
LANGUAGE = "language"


def number_in(request: Request) -> int:
    """Read the number in an address; -1 where it is none that anything has."""
    told = request.path_params["number"]
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else -1


def read_in(station: Station, request: Request) -> Station:
    """Give the station in the language that this browser reads."""
    return station.in_language(request.cookies.get(LANGUAGE))
