"""Stands in for the process that decodes, and dies or falls silent of files that say so."""

import os
import sys
import time

from edge_runtime.archive import decoding

DEADLY, SILENT = b"this file is deadly", b"this file is silent"
COMMAND = (sys.executable, "-m", "tests.edge_runtime.archive.deadly")

whole = decoding.decode


def decode(data, **options):
    if DEADLY in data:
        os.abort()
    if SILENT in data:
        time.sleep(1000)
    return whole(data, **options)


if __name__ == "__main__":
    decoding.decode = decode
    decoding.main()
