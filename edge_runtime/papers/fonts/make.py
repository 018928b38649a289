"""Cut out of DejaVu Sans the letters that papers need, beside this file.

python edge_runtime/papers/fonts/make.py /usr/share/fonts/truetype/dejavu

Latin with all its marks, Greek, Cyrillic, punctuation, and the signs of the advices; without the
hints for low resolutions, which a PDF doesn't need. The licence stands beside it too.
"""

import sys
from pathlib import Path

from fontTools import subset

_LETTERS = (
    "20-7E,A0-2FF,300-36F,370-3FF,400-52F,1E00-1FFF,2000-206F,20A0-20BF,2103,2113,2116,2122,"
    "2190-21FF,2212,2248,2260-2265,25A0-25FF,2713-2718,FFFD"
)


def make(source: Path, target: Path) -> None:
    """Cut one font out of another.

    Args:
        source: The whole one, TrueType.
        target: Where the other shall stand.
    """
    options = subset.Options(
        hinting=False,
        layout_features=["ccmp", "locl", "mark", "mkmk", "kern"],
        drop_tables=["FFTM"],
    )
    font = subset.load_font(str(source), options)
    cutting = subset.Subsetter(options)
    cutting.populate(unicodes=subset.parse_unicodes(_LETTERS))
    cutting.subset(font)
    subset.save_font(font, str(target), options)


if __name__ == "__main__":
    for name in ("DejaVuSans", "DejaVuSans-Bold"):
        make(Path(sys.argv[1], f"{name}.ttf"), Path(__file__).with_name(f"{name}.ttf"))
