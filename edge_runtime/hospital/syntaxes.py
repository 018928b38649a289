"""How DICOM data are written without compression, by the UIDs of the transfer syntaxes.

Source: DICOM PS3.5, annex A; PS3.6, table A-1.
"""

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"

#: Explicit little endian as a whole, deflated.
DEFLATED = "1.2.840.10008.1.2.1.99"

#: Those whose pixels stand one beside the other.
NATIVE = frozenset({IMPLICIT, EXPLICIT, BIG_ENDIAN})

#: Those of which the samples come back as they were: these, deflated, RLE, JPEG lossless, JPEG-LS
#: and JPEG 2000 without loss, high-throughput too.
LOSSLESS = NATIVE | {
    DEFLATED, "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
}  # fmt: skip
