"""How DICOM data are written, by the UIDs of the transfer syntaxes.

Source: DICOM PS3.5, annex A; PS3.6, table A-1.
"""

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"

#: Explicit little endian as a whole, deflated.
DEFLATED = "1.2.840.10008.1.2.1.99"

#: Those whose pixels stand one beside the other.
NATIVE = frozenset({IMPLICIT, EXPLICIT, BIG_ENDIAN})

RLE = "1.2.840.10008.1.2.5"

#: JPEG baseline and extended, and without loss, by any predictor or by the first.
JPEG_BASELINE, JPEG_EXTENDED = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS, JPEG_LOSSLESS_FIRST = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"

#: JPEG-LS and JPEG 2000, each without loss and with.
JPEG_LS_LOSSLESS, JPEG_LS = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS, JPEG_2000 = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"

#: High-throughput JPEG 2000 without loss, the same by resolutions, and with loss.
HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202"
HTJ2K = "1.2.840.10008.1.2.4.203"

#: Those of which the samples come back as they were.
LOSSLESS = NATIVE | {
    DEFLATED, RLE, JPEG_LOSSLESS, JPEG_LOSSLESS_FIRST, JPEG_LS_LOSSLESS, JPEG_2000_LOSSLESS,
    HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL,
}  # fmt: skip
