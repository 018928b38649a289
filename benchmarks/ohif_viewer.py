"""Show DICOM objects in the OHIF viewer, by Orthanc's DICOMweb, and keep a picture of each series.

    apt install orthanc orthanc-dicomweb chromium chromium-driver
    npm pack @ohif/app@3.12.10 && tar xzf ohif-app-3.12.10.tgz
    python benchmarks/ohif_viewer.py package/dist REPORTS PICTURES

REPORTS is what ``fundus-edge dicom report`` wrote. Nothing is asked but this computer. What the
browser complains of is printed; whether the pictures show what they should somebody has to see.
"""

import argparse
import functools
import http.client
import http.server
import json
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

_ORTHANC, _VIEWER = 8742, 8743
_LOAD_S, _SHOW_S = 25, 8
_WINDOW = 2300, 950  # pixels: the viewer writes numbers to the right of a photo, and cuts them off
_SOURCE = {
    "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
    "sourceName": "dicomweb",
    "configuration": {
        "friendlyName": "Orthanc", "name": "orthanc", "wadoUriRoot": "/dicom-web",
        "qidoRoot": "/dicom-web", "wadoRoot": "/dicom-web", "qidoSupportsIncludeField": False,
        "imageRendering": "wadors", "thumbnailRendering": "wadors", "supportsWildcard": True,
        "bulkDataURI": {"enabled": True, "relativeResolution": "studies"},
    },
}  # fmt: skip
_CONFIG = {
    "routerBasename": "/", "showStudyList": True, "extensions": [], "modes": [],
    "investigationalUseDialog": {"option": "never"}, "useSharedArrayBuffer": "FALSE",
    "defaultDataSourceName": "dicomweb", "dataSources": [_SOURCE],
}  # fmt: skip


def ask(
    method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str, bytes]:
    """Ask Orthanc: the status, the content's type, and the content."""
    connection = http.client.HTTPConnection("127.0.0.1", _ORTHANC, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.getheader("Content-Type") or "", answer.read()


class Pages(http.server.SimpleHTTPRequestHandler):
    """The viewer's files, its settings, and Orthanc behind the same address."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        if self.path.startswith("/dicom-web"):
            asked = {
                name: self.headers[name] for name in ("Accept", "Host") if name in self.headers
            }
            self._answer(*ask("GET", self.path, headers=asked))
        elif self.path.startswith("/app-config.js"):
            settings = f"window.config = {json.dumps(_CONFIG)};".encode()
            self._answer(200, "text/javascript", settings)
        else:
            if not Path(self.translate_path(self.path)).is_file():
                self.path = "/index.html"
            super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def orthanc(folder: Path) -> subprocess.Popen[bytes]:
    """Start an empty archive with DICOMweb."""
    told = {
        "Name": "seen", "StorageDirectory": str(folder), "IndexDirectory": str(folder),
        "HttpPort": _ORTHANC, "DicomServerEnabled": False, "AuthenticationEnabled": False,
        "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"],
    }  # fmt: skip
    (folder / "orthanc.json").write_text(json.dumps(told))
    run = subprocess.Popen(  # noqa: S603
        ["/usr/sbin/Orthanc", str(folder / "orthanc.json")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not answers():
        assert time.monotonic() < until, "Orthanc doesn't start"
        time.sleep(0.2)
    return run


def answers() -> bool:
    """Tell whether Orthanc is there."""
    try:
        return ask("GET", "/system")[0] == 200
    except OSError:
        return False


def look(study: str, pictures: Path) -> None:
    """Open a study, and each of its series in turn."""
    options = webdriver.ChromeOptions()
    for each in ("--headless=new", "--no-sandbox", "--use-angle=swiftshader", "--hide-scrollbars",
                 "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"):  # fmt: skip
        options.add_argument(each)
    browser = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    browser.set_window_size(*_WINDOW)
    try:
        browser.get(f"http://127.0.0.1:{_VIEWER}/viewer?StudyInstanceUIDs={study}")
        time.sleep(_LOAD_S)
        for each in browser.find_elements(By.XPATH, "//*[contains(text(),'Skip all')]")[-1:]:
            each.click()
        series = browser.find_elements(By.CSS_SELECTOR, '[data-cy^="study-browser-thumbnail"]')
        for number, each in enumerate(series, 1):
            ActionChains(browser).double_click(each).perform()
            time.sleep(_SHOW_S)
            file = pictures / f"{study[-8:]}-{number}.png"
            browser.save_screenshot(str(file))
            print(file, each.text.replace("\n", " "))
        for said in browser.get_log("browser"):
            if said["level"] == "SEVERE":
                print("browser:", said["message"])
    finally:
        browser.quit()


def main() -> None:
    """Store the objects, and look at each study."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("viewer", "reports", "pictures"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    given.pictures.mkdir(parents=True, exist_ok=True)
    handler = functools.partial(Pages, directory=str(given.viewer))
    with tempfile.TemporaryDirectory() as folder:
        archive = orthanc(Path(folder))
        try:
            for file in sorted(given.reports.rglob("*.dcm")):
                assert ask("POST", "/instances", file.read_bytes())[0] == 200, file
            found = json.loads(ask("GET", "/dicom-web/studies")[2])
            with http.server.ThreadingHTTPServer(("127.0.0.1", _VIEWER), handler) as server:
                threading.Thread(target=server.serve_forever, daemon=True).start()
                for study in found:
                    look(study["0020000D"]["Value"][0], given.pictures)
                server.shutdown()
        finally:
            archive.terminate()
            archive.wait()


if __name__ == "__main__":
    main()
