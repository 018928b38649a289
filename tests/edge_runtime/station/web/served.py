"""A station that is served, and a plain client of it."""

import http.client
import re
import threading
import time
from contextlib import contextmanager
from functools import cache
from urllib.parse import urlencode

import uvicorn

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.predict.classifier import Classifier
from edge_runtime.station.access.door import Door, Reach
from edge_runtime.station.access.key import key_of
from edge_runtime.station.access.owner import MEETING, OWNER, new_nonce, owner_proof
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.intake import Intake
from edge_runtime.station.web.app import make_app
from edge_runtime.station.web.frame import Station
from edge_runtime.station.web.server import Place, configured, listen


@cache
def classifier():
    return Classifier(load_bundle())


class Client:
    """Asks a station as a browser would, without running scripts."""

    def __init__(self, port, station, door=None):
        self.port, self.station, self.door = port, station, door
        self.cookie = self.token = self.device = None

    def as_owner(self, path, method="POST"):
        """Give the header by which a command of the folder's owner asks for something, once."""
        nonce = self.ask("GET", f"{MEETING}?nonce={new_nonce()}")[2].split(" ")[1]
        key = key_of(self.station.store.folder)
        return {OWNER: f"{nonce} {owner_proof(key, method, path, nonce)}"}

    def sign_in(self, password, name="Ana", **form):
        """Sign in, keep the cookie and the forms' token, and give the answer's status and place."""
        told = urlencode({"password": password, "name": name, **form})
        status, headers, text = self.ask("POST", "/sign-in", told)
        if "set-cookie" in headers:
            self.cookie = headers["set-cookie"].partition(";")[0]
            self.token = re.search(r'name="token" value="(\w+)"', self.get("/"))[1]
        return status, headers, text

    def ask(self, method, path, body=None, **headers):
        """Give the status, the headers and the text of an answer."""
        if self.cookie:
            headers.setdefault("cookie", self.cookie)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            for told in answer.headers.get_all("set-cookie", ()):
                name, _, value = told.partition(";")[0].partition("=")
                if name.endswith("-device"):
                    self.device = f"{name}={value}"
            return answer.status, dict(answer.getheaders()), answer.read().decode("utf-8")
        finally:
            connection.close()

    def get(self, path, **headers):
        status, _, text = self.ask("GET", path, **headers)
        assert status == 200, (path, text)
        return text

    def post(self, kind, *, token=None, **form):
        """Send a form as the page would."""
        known = self.token or self.station.token
        told = {"token": known if token is None else token, "back": "/", **form}
        return self.ask("POST", f"/do/{kind}", urlencode(told))


@contextmanager
def served(folder, language="en", reach=None):
    """Serve a station whose inbox is swept by nobody; it believes that it reaches so far."""
    (folder / "inbox").mkdir(exist_ok=True)
    store = CampStore(folder / "data")
    intake = Intake(folder / "inbox", store, classifier())
    place = Place("127.0.0.1", 0, language)
    listening = listen(place)
    door = Door(folder / "data", reach or Reach())
    station = Station(store, intake, classifier(), door.token_of(None), language)
    server = uvicorn.Server(configured(make_app(station, door), place))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield Client(listening.getsockname()[1], station, door)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
        store.close()


def words(page):
    """Give what a page says, without its tags."""
    body = page[page.index("<body") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
