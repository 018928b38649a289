"""A local server that speaks S3."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

SECRET = "a-secret-that-nobody-writes-down"  # noqa: S105 - that is what is tested


@contextmanager
def begun_store():
    """Have one in the block, and who asks it in the environment; gives what URLs say of it."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    told = {
        "AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        try:
            _wait_for(f"http://127.0.0.1:{port}/moto-api/")
            yield f"region=us-east-1&scheme=http&endpoint_override=127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(url):
    for _ in range(100):
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own server
            break
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.2)
