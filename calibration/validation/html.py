"""Parts of HTML that a validation page is made of."""

import base64
from collections.abc import Iterable
from html import escape

STYLE = """
:root { color-scheme: light; --ink: #1b2230; --faint: #5d6675; --line: #dde1e8; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff;
  max-width: 64rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.3rem; margin: 2.2rem 0 .4rem; border-top: 2px solid var(--ink);
  padding-top: .8rem; }
h3 { font-size: 1.05rem; margin: 1.4rem 0 .3rem; }
p { margin: .4rem 0; max-width: 50rem; }
.faint { color: var(--faint); }
.notice { border: 2px solid #b3541e; border-radius: 6px; padding: .6rem .9rem; margin: 1rem 0;
  font-weight: 600; }
.verdict { border-radius: 6px; padding: .8rem 1rem; margin: .6rem 0; color: #fff;
  font-size: 1.15rem; font-weight: 600; max-width: none; }
.pass { background: #1f6b45; } .fail { background: #9d1c1c; }
.missed { color: #9d1c1c; font-weight: 600; } .holds { color: #1f6b45; font-weight: 600; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { text-align: left; padding: .2rem 1.1rem .2rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); font-weight: normal;
  font-variant-numeric: tabular-nums; }
th { color: var(--faint); }
td strong, td.tight { white-space: nowrap; }
td.hash { font: .78rem ui-monospace, monospace; overflow-wrap: anywhere; }
figure { margin: .6rem 0; } figure img { max-width: 100%; }
.plots { display: flex; flex-wrap: wrap; gap: 1.2rem; }
.worst { display: flex; gap: .7rem; margin: .7rem 0; align-items: flex-start;
  break-inside: avoid; }
.worst img { width: 9.5rem; border-radius: 4px; display: block; }
.worst p { font-size: .85rem; overflow-wrap: anywhere; }
@media print {
  body { margin: 0; max-width: none; font-size: 10pt; }
  .verdict, .notice { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure, table { break-inside: avoid; }
}
"""


def table(head: Iterable[str] | None, rows: Iterable[Iterable[str]]) -> str:
    """Write a table; cells are HTML already."""
    top = "<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in head) + "</tr>" if head else ""
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    return f"<table>{top}{body}</table>"


def _cell(content: str) -> str:
    is_hash = len(content) == 64 and " " not in content
    return f"<td{' class=hash' if is_hash else ''}>{content}</td>"


def number(value: float | None, digits: int = 3) -> str:
    """Write a figure, a dash where there is none."""
    return "-" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def signed(value: float | None) -> str:
    """Write a difference with its sign, a dash where there is none."""
    return "-" if value is None else f"{round(value, 3) + 0.0:+.3f}"


def picture(svg: str) -> str:
    """Put a drawing into the page."""
    return (
        f'<figure><img src="data:image/svg+xml;base64,{base64_of(svg.encode())}" alt=""></figure>'
    )


def base64_of(data: bytes) -> str:
    """Write bytes as a data URI holds them."""
    return base64.b64encode(data).decode("ascii")
