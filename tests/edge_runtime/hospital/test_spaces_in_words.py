"""Words of a DICOM file stay apart, whichever space stands between them."""

import pytest
from pydicom.dataset import Dataset

from edge_runtime.hospital.header import text_of

CASES = [
    ("García\u00a0López^Ana", "García López^Ana"),
    ("山田\u3000太郎", "山田 太郎"),
    ("Ana\u202fMaría^\u2009Luz", "Ana María^ Luz"),
    ("\u3000P 17\u00a0", "P 17"),
    ("P\u200b17\u202e\x00", "P17"),  # no space, and nothing that prints
]


@pytest.mark.parametrize(("told", "read"), CASES)
def test_a_space_of_any_width_is_a_space(told, read):
    data = Dataset()
    data.PatientName = told
    assert text_of(data, "PatientName") == read
