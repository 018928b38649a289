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


def photo_lines(stdout):
    """The lines of a run that are a photo's; those that say more of it are indented."""
    return [line for line in stdout.splitlines() if not line.startswith(" ")]
