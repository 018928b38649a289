"""What other programs see in a PDF: poppler's and qpdf's."""

import os
import re
import shutil
import subprocess

import cv2
import pytest


def has_tools():
    """Tell whether they are there, or have to be."""
    found = all(map(shutil.which, ("pdftotext", "pdftoppm", "pdfinfo", "pdfimages", "qpdf")))
    return found or os.environ.get("FUNDUS_EDGE_BROWSER") == "required"


#: CI has them; where they aren't that is said.
needs_tools = pytest.mark.skipif(not has_tools(), reason="apt install poppler-utils qpdf")


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, **options).stdout


def text_of(pdf):
    """Give what a PDF says, in the order in which it was written, spaces and lines as one space."""
    said = run("pdftotext", "-raw", "-", "-", input=pdf).decode("utf-8")
    return " ".join(re.sub("[\u200e\u200f\u202a-\u202e]", "", said).split())


def facts_of(pdf):
    said = run("pdfinfo", "-", input=pdf).decode("utf-8")
    return dict(line.split(":", 1) for line in said.splitlines())


def check(pdf, folder):
    """See that a PDF is sound."""
    file = folder / "checked.pdf"
    file.write_bytes(pdf)
    said = run("qpdf", "--check", file).decode()
    assert "No syntax or stream encoding errors" in said


def picture_of(pdf, folder, dots_per_inch=200):
    """Draw a PDF's page, BGR."""
    target = folder / "page"
    run("pdftoppm", "-r", str(dots_per_inch), "-png", "-singlefile", "-", target, input=pdf)
    return cv2.imread(str(target.with_suffix(".png")))


def code_in(picture):
    """Read the QR code in a picture; "" where there is none that can be read.

    OpenCV overlooks one in twenty that it reads a little turned or blurred, and other programs
    read as they are.
    """
    high, wide = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), 4, 1)
    white = (255, 255, 255)
    turned = cv2.warpAffine(picture, turn, (wide, high), borderValue=white)
    views = (
        picture,
        turned,
        cv2.GaussianBlur(picture, (0, 0), 2),
        cv2.resize(picture, None, None, 0.7, 0.7),
    )
    read = (cv2.QRCodeDetector().detectAndDecode(each)[0] for each in views)
    return next((each for each in read if each), "")
