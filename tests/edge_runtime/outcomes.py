"""Read what a run printed and wrote."""

import json


def records_of(text):
    """Read one JSON object from each line."""
    return [json.loads(line) for line in text.splitlines()]


def contents(folder):
    """Read every file of a folder, by its name there."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
