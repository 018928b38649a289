"""What keeps a station busy in ``station_endurance.py``: readers, listeners and operators.

All of them go on until ``stop`` is set. Who clicks what is drawn from seeded generators; when, the
station's speed decides too.
"""

import contextlib
import http.client
import json
import re
import threading
import time
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np

#: What each form's acknowledgement is in the history, by its tag.
TAGS = {
    "call": "called", "describe": "described", "eye": "eye", "retake": "retake",
    "accept": "accepted", "override": "overridden", "assign": "assigned", "merge": "merged",
}  # fmt: skip

_PAGES = ("/", "/worklist", "/files", "/day", "/settings")


class Shared:
    """What the clients have in common: the station's port, and what came of all that they asked.

    ``acknowledged`` are forms that the station said it took: the kind, what was sent, and the
    number of the event where it said one. ``people`` is how many have surely come by now.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.stop = threading.Event()
        self.people = 0
        self.photos = 0
        self.seconds: list[float] = []
        self.errors: list[str] = []
        self.acknowledged: list[tuple[str, dict[str, str], int | None]] = []
        self.refused = 0

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Ask as a browser does; give the status, where it leads, and the page, or the picture."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            if form is None:
                connection.request("GET", path)
            else:
                connection.request("POST", path, urlencode(form))
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            return answer.status, answer.getheader("location", ""), text
        finally:
            connection.close()

    def token(self) -> str:
        """Read what forms must carry off a page that has one."""
        return re.findall(r'name="token" value="([^"]+)"', self.ask("/")[2])[0]

    def send(self, kind: str, form: dict[str, str]) -> None:
        """Send a form, and keep what the station said to it."""
        status, place, _ = self.ask(f"/do/{kind}", form)
        if status == 303:
            told = re.search(r"done=(\d+)", place)
            self.acknowledged.append((kind, form, int(told[1]) if told else None))
        elif status == 400:
            self.refused += 1
        else:
            self.errors.append(f"{status} to {kind}")


def read_pages(shared: Shared, seed: int) -> None:
    """Open one page after the other, as people do who look around."""
    draw = np.random.default_rng(seed)
    while not shared.stop.wait(draw.uniform(0.02, 0.3)):
        newest = max(1, shared.people)
        number = int(draw.integers(1, newest + 1))
        some = (*_PAGES, f"/person/{number}", f"/slip/{number}", f"/worklist?q={number}")
        path = str(draw.choice(some))
        begun = time.monotonic()
        status, _, page = shared.ask(path)
        shared.seconds.append(time.monotonic() - begun)
        if status not in (200, 303, 404):  # a person may be one with another, or undone
            shared.errors.append(f"{status} to {path}")
        picture = re.search(r"/picture/\d+/small.jpg", page)
        if picture and shared.ask(picture[0])[0] != 200:
            shared.errors.append(f"no {picture[0]}")


def listen(shared: Shared, seed: int) -> None:
    """Hear the news as open pages do, which are closed and opened again."""
    draw = np.random.default_rng(seed)
    while not shared.stop.is_set():
        until = time.monotonic() + draw.uniform(0.2, 5)
        connection = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=30)
        connection.request("GET", "/events")
        news, socket = connection.getresponse(), connection.sock
        if socket is not None:
            socket.settimeout(1)
        with contextlib.suppress(TimeoutError):  # where there are no news for so long
            while time.monotonic() < until and not shared.stop.is_set():
                line = news.readline()
                if line.startswith(b"data:"):
                    state = json.loads(line[5:])["state"]
                    shared.photos = max(shared.photos, int(re.findall(r"\d+", state)[0]))
        connection.close()


def operate(shared: Shared, seed: int) -> None:
    """Decide this and that about those who came some time ago, by the forms of their pages."""
    draw = np.random.default_rng(seed)
    while not shared.stop.wait(draw.uniform(0.05, 0.4)):
        if shared.people < 8:
            continue
        wanted = f"E{draw.integers(1, shared.people - 5)}"
        found = re.findall(r'href="(/person/\d+)"', shared.ask(f"/worklist?q={quote(wanted)}")[2])
        if not found:
            continue
        forms = _Forms()
        forms.feed(shared.ask(str(draw.choice(found)))[2])
        own = [each for each in forms.found if each[0] in TAGS or each[0] == "undo"]
        if own:
            kind, fields = own[int(draw.integers(len(own)))]
            shared.send(kind, _filled(kind, fields, draw, shared.people))


def _filled(kind: str, fields: dict[str, Any], draw: Any, people: int) -> dict[str, str]:
    """Fill a form in as an operator would."""
    form = {
        name: value if isinstance(value, str) else str(draw.choice(value))
        for name, value in fields.items()
    }
    if "reason" in form:
        form["reason"] = f"reason {draw.integers(1000)}"
    if kind in ("assign", "merge"):
        form["given_id"] = f"E{draw.integers(1, people - 5)}"
    if kind == "describe":
        form["name"], form["birth_year"] = f"Name {draw.integers(1000)}", "1961"
    return form


class _Forms(HTMLParser):
    """The forms of a page: the kind of each, and its fields; a choice's value is a list."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self._choice: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((told.get("action", "").removeprefix("/do/"), {}))
        elif self.found and tag == "input":
            self.found[-1][1][told.get("name", "")] = told.get("value", "")
        elif self.found and tag == "select":
            self._choice = self.found[-1][1][told.get("name", "")] = []
        elif self._choice is not None and tag == "option":
            self._choice.append(told.get("value", ""))
