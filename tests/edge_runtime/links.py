"""Follow the links of a page as a browser does."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """What a page links to or shows, and what in it can be linked to."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        for key, value in attrs:
            if key in ("href", "src"):
                self.links.append(value)
            elif key == "id":
                assert value not in self.places
                self.places.add(value)


def broken_links(file):
    """List the links of a page that lead to no file, or to no place in it."""
    page = Page(file)
    assert page.links
    pages, broken = {file: page.places}, []
    for link in page.links:
        parts = urlsplit(link)
        there = (file.parent / unquote(parts.path)).resolve() if parts.path else file
        if not there.is_file():
            broken.append(link)
        elif parts.fragment:
            if there not in pages:
                pages[there] = Page(there).places
            if parts.fragment not in pages[there]:
                broken.append(link)
    return broken
