"""What tests of decoding share: a file is refused in one sentence."""

import pytest

from edge_runtime.errors import PhotoUnreadableError
from edge_runtime.photo.decode import decode


def refused(data, sentence):
    """Check that a file is refused, and that the sentence says why on one line, and what helps."""
    with pytest.raises(PhotoUnreadableError, match=sentence) as caught:
        decode(data)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value)


def is_refused(data):
    """Tell whether a file is refused at all."""
    try:
        decode(data)
    except PhotoUnreadableError:
        return True
    return False


def damaged(data, at, filling):
    """Overwrite a part of a JPEG."""
    filling = filling.replace(b"\xff", b"\xfe")  # no markers: damage that only the length shows
    return data[:at] + filling + data[at + len(filling) :]
