"""A port that can't be had is one sentence that says what to do."""

import re
from contextlib import closing

import pytest

from edge_runtime.station.web.server import Place, PortFailedError, listen


def test_a_port_that_is_taken_is_said_with_what_to_do():
    with closing(listen(Place("127.0.0.1", 0, "en"))) as first:
        port = first.getsockname()[1]
        told = f"127.0.0.1:{port}: it is taken; is another station running? Choose another --port"
        with pytest.raises(PortFailedError, match=f"^{re.escape(told)}$"):
            listen(Place("127.0.0.1", port, "en"))
