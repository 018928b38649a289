"""A line that has no room is taken back."""

import pytest

from edge_runtime.system.journal import Journal, complete_lines


def test_a_journals_line_that_doesnt_fit_is_taken_back(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "lines")
    journal.append(b"first\n")

    class Full:
        def __init__(self, file):
            self._file = file
            self.fileno, self.truncate, self.close = file.fileno, file.truncate, file.close

        def write(self, data):
            if len(data) < 5:
                raise OSError(28, "No space left on device")
            return self._file.write(bytes(data[:-4]))

    whole = journal._file
    journal._file = Full(whole)
    with pytest.raises(OSError, match="No space"):
        journal.append(b"second\n")
    assert (tmp_path / "lines").read_bytes() == b"first\n"
    journal._file = whole
    journal.append(b"third\n")
    journal.close()
    assert list(complete_lines(tmp_path / "lines")) == [b"first\n", b"third\n"]
