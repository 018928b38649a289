"""What the pages need besides themselves: styles, scripts and signs."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from edge_runtime.papers.scale import scale_jpeg
from edge_runtime.results import page_template

_STATIC = Path(__file__).parent / "static"
_STYLE = Path(page_template.__file__).parent / "templates" / "style.css"
_FILES = {
    "style.css": (_STYLE, "text/css"),
    "station.css": (_STATIC / "station.css", "text/css"),
    "dark.css": (_STATIC / "dark.css", "text/css"),
    "look.js": (_STATIC / "look.js", "text/javascript"),
    "keep.js": (_STATIC / "keep.js", "text/javascript"),
    "unsaved.js": (_STATIC / "unsaved.js", "text/javascript"),
    "icon.svg": (_STATIC / "icon.svg", "image/svg+xml"),
    "expected.js": (_STATIC / "expected.js", "text/javascript"),
    "station.js": (_STATIC / "station.js", "text/javascript"),
}


def scale(_: Request) -> Response:
    """Answer with the colours of evidence."""
    headers = {"cache-control": "no-cache"}
    return Response(scale_jpeg(), media_type="image/jpeg", headers=headers)


def static(request: Request) -> Response:
    """Answer with a style, a script or a sign of the pages."""
    name = request.path_params["name"]
    if name not in _FILES:
        raise HTTPException(404)
    file, kind = _FILES[name]
    return FileResponse(file, media_type=kind, headers={"cache-control": "no-cache"})
