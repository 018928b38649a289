"""What the tests of DICOM share."""

import cv2
import pytest

from edge_runtime.photo.decode import decode


@pytest.fixture
def eye(photo_file):
    """The pixels of one procedural photograph, which is gradable."""
    return decode(photo_file.read_bytes()).pixels


@pytest.fixture
def small_eye(eye):
    """The same, small, for what isn't classified."""
    return cv2.resize(eye, (48, 48), interpolation=cv2.INTER_AREA)
