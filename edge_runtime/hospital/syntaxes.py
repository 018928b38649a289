"""How DICOM data are written without compression, by the UIDs of the transfer syntaxes.

Source: DICOM PS3.5, annex A; PS3.6, table A-1.
"""

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"

#: Explicit little endian as a whole, deflated.
DEFLATED = "1.2.840.10008.1.2.1.99"

#: Those whose pixels stand one beside the other.
NATIVE = frozenset({IMPLICIT, EXPLICIT, BIG_ENDIAN})
