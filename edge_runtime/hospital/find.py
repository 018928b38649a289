"""Find the photos in DICOM files; what reads those is loaded when there is one."""

from collections import Counter
from pathlib import Path

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.hospital.installed import is_installed
from edge_runtime.photo.beside import begins_as_dicom, kind_of_file


class DicomFinder:
    """Looks into files that may be DICOM for what they hold.

    ``passed_over`` counts what isn't photos, by kind.
    """

    def __init__(self, *, max_pixels: int = MAX_PIXELS) -> None:
        """Begin to count; ``max_pixels`` is the most that a photo may have."""
        self.max_pixels, self.passed_over = max_pixels, Counter[str]()

    def in_named(self, file: Path) -> tuple[Path, ...] | None:
        """Name the photos of a file that somebody named outright; None where it isn't DICOM."""
        if not begins_as_dicom(file):
            return None
        return self._look(file, is_named=True) if is_installed() else (file,)

    def in_others(self, file: Path) -> tuple[Path, ...] | None:
        """Name those of a file of a folder, likewise; None also where DICOM can't be read."""
        is_dicom = kind_of_file(file) == "DICOM"
        return self._look(file, is_named=False) if is_dicom and is_installed() else None

    def _look(self, file: Path, *, is_named: bool) -> tuple[Path, ...]:
        from edge_runtime.hospital.look import photos_in  # noqa: PLC0415 - few runs meet DICOM

        return photos_in(
            file, max_pixels=self.max_pixels, is_named=is_named, passed_over=self.passed_over
        )
