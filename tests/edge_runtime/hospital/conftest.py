"""What the tests of DICOM share."""

import cv2
import pytest

from edge_runtime.photo.decode import decode
from tests.edge_runtime.hospital.objects import jpegs, make


@pytest.fixture
def eye(photo_file):
    """The pixels of one procedural photograph, which is gradable."""
    return decode(photo_file.read_bytes()).pixels


@pytest.fixture
def small_eye(eye):
    """The same, small, for what isn't classified."""
    return cv2.resize(eye, (48, 48), interpolation=cv2.INTER_AREA)


@pytest.fixture
def jpeg(photo_file):
    return photo_file.read_bytes()


@pytest.fixture
def wrapped(jpeg, eye):
    """Make an object around the photograph's own JPEG."""

    def around(**tags):
        return jpegs(make(eye, photometric="YBR_FULL_422", **tags), jpeg)

    return around
