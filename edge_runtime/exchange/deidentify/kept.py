r"""Which attributes of a photograph are kept, and which of their values.

The table of the profile names what is known to tell who somebody is; the standard leaves it to the
de-identifier to keep only what is known to be safe instead (PS3.15, E.1.1, note 5 on the actions).
So it is here: what doesn't stand in this file goes, and of what stands here only these values stay,
as a name fits into each text, and a number of a person into each number.

Terms are those of PS3.3: C.7.3.1.1.1, C.7.6.1, C.8.6, C.8.17, C.11.1, C.11.2.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct


class Terms(Struct, frozen=True):
    """Words of which the value is one; ``otherwise`` stands in the place of another one."""

    words: frozenset[str]
    otherwise: str | None = None


class Numbers(Struct, frozen=True):
    """Up to ``most`` numbers within bounds; whole ones where ``is_whole``."""

    least: float
    greatest: float
    most: int = 1
    is_whole: bool = False


class Codes(Struct, frozen=True):
    """Items with codes that the standard's dictionaries know, up to ``most``.

    ``otherwise`` is a code, scheme and value, where none is left.
    """

    most: int = 4
    otherwise: tuple[str, str] | None = None


class Items(Struct, frozen=True):
    """A sequence whose items are cleaned by the same rules; only these keywords may stand there.

    An item that lacks one of ``needs`` then goes; without any, all stay, if only as empty ones.
    """

    within: frozenset[str]
    needs: frozenset[str] = frozenset()


class Table(Struct, frozen=True):
    """Numbers of a table of tones or colours: so many as its descriptor says."""


class Uid(Struct, frozen=True):
    """A UID that another one stands for; only those of the standard itself stay."""


Rule = Terms | Numbers | Codes | Items | Table | Uid


def _terms(words: str, otherwise: str | None = None) -> Terms:
    return Terms(frozenset(words.split("|")), otherwise)


_YES_NO = _terms("YES|NO")
_SIDE = _terms("R|L|B")
_LUT_NEEDS = frozenset({"LUTDescriptor", "LUTData"})
_LUT = Items(_LUT_NEEDS | {"ModalityLUTType"}, _LUT_NEEDS)
_LENSES = frozenset({"SphericalLensPower", "CylinderLensPower", "CylinderAxis"})
_REFERENCE = frozenset(
    {"ReferencedSOPClassUID", "ReferencedSOPInstanceUID", "PurposeOfReferenceCodeSequence"}
)
_GROUPS = Items(frozenset({"FrameAnatomySequence", "PixelMeasuresSequence"}))
_LENS = Numbers(-100, 100)

#: The rule of each attribute that is kept, by its keyword.
KEPT: Mapping[str, Rule] = MappingProxyType({
    "StudyInstanceUID": Uid(), "SeriesInstanceUID": Uid(), "SOPInstanceUID": Uid(),
    "FrameOfReferenceUID": Uid(), "SynchronizationFrameOfReferenceUID": Uid(),
    "SOPClassUID": Uid(), "ReferencedSOPClassUID": Uid(), "ReferencedSOPInstanceUID": Uid(),
    "SourceImageSequence": Items(_REFERENCE, _REFERENCE),
    "PurposeOfReferenceCodeSequence": Codes(1),
    "Modality": _terms("OP|XC|OT", "OT"), "ConversionType": _terms("DV|DI|DF|WSD|SD|SI|DRW|SYN"),
    "ImageLaterality": _SIDE, "Laterality": _SIDE, "FrameLaterality": _SIDE,
    "PupilDilated": _YES_NO, "PatientEyeMovementCommanded": _YES_NO,
    "DetectorType": _terms("CCD|CMOS"),
    "SynchronizationTrigger": _terms("SOURCE|EXTERNAL|PASSTHRU|NO TRIGGER"),
    "AcquisitionTimeSynchronized": _terms("Y|N"),
    "LossyImageCompression": _terms("00|01"),
    "LossyImageCompressionMethod": _terms(
        "ISO_10918_1|ISO_14495_1|ISO_15444_1|ISO_15444_15|ISO_18181_1"
    ),
    "LossyImageCompressionRatio": Numbers(0, 1000),
    "PresentationLUTShape": _terms("IDENTITY|INVERSE"),
    "VOILUTFunction": _terms("LINEAR|LINEAR_EXACT|SIGMOID"),
    "RescaleType": _terms("US|OD", "US"), "ModalityLUTType": _terms("US|OD", "US"),
    "RescaleIntercept": Numbers(-65536, 65536), "RescaleSlope": Numbers(-1000, 1000),
    "WindowCenter": Numbers(-65536, 65536), "WindowWidth": Numbers(0, 131072),
    "ModalityLUTSequence": _LUT, "VOILUTSequence": _LUT,
    "LUTDescriptor": Numbers(-32768, 65535, 3, is_whole=True), "LUTData": Table(),
    "RedPaletteColorLookupTableDescriptor": Numbers(0, 65535, 3, is_whole=True),
    "GreenPaletteColorLookupTableDescriptor": Numbers(0, 65535, 3, is_whole=True),
    "BluePaletteColorLookupTableDescriptor": Numbers(0, 65535, 3, is_whole=True),
    "RedPaletteColorLookupTableData": Table(), "GreenPaletteColorLookupTableData": Table(),
    "BluePaletteColorLookupTableData": Table(),
    "PixelSpacing": Numbers(0, 10, 2), "PixelAspectRatio": Numbers(1, 1000, 2, is_whole=True),
    "HorizontalFieldOfView": Numbers(0, 360), "EmmetropicMagnification": Numbers(0, 1000),
    "IntraOcularPressure": Numbers(0, 100), "DegreeOfDilation": Numbers(0, 20),
    "RefractiveStateSequence": Items(_LENSES, _LENSES),
    "SphericalLensPower": _LENS, "CylinderLensPower": _LENS, "CylinderAxis": Numbers(0, 180),
    "AnatomicRegionSequence": Codes(1, ("SCT", "81745001")),  # eye
    "AcquisitionDeviceTypeCodeSequence": Codes(1),
    "IlluminationTypeCodeSequence": Codes(), "LightPathFilterTypeStackCodeSequence": Codes(),
    "ImagePathFilterTypeStackCodeSequence": Codes(), "LensesCodeSequence": Codes(),
    "SharedFunctionalGroupsSequence": _GROUPS, "PerFrameFunctionalGroupsSequence": _GROUPS,
    "FrameAnatomySequence": Items(frozenset({"FrameLaterality", "AnatomicRegionSequence"})),
    "PixelMeasuresSequence": Items(frozenset({"PixelSpacing"})),
})  # fmt: skip

#: Those that stand in items alone.
INNER = _LUT.within | _LENSES | _REFERENCE | _GROUPS.within | {"FrameLaterality"}

#: What says how grey tones are shown, and means nothing for colours.
OF_GREY = (
    "PresentationLUTShape", "VOILUTFunction", "RescaleType", "RescaleIntercept", "RescaleSlope",
    "WindowCenter", "WindowWidth", "ModalityLUTSequence", "VOILUTSequence",
)  # fmt: skip

#: Words of Image Type by their place; a place beyond these goes, and an unknown word is left empty.
IMAGE_TYPE = (
    frozenset({"ORIGINAL", "DERIVED"}),
    frozenset({"PRIMARY", "SECONDARY"}),
    frozenset({"", "MONTAGE"}),
    frozenset({"", "COLOR", "REDFREE", "RED", "BLUE", "FA", "ICG"}),
)

#: Texts that photographs must have by their modules, of type 2: they stand there empty.
EMPTY = (
    "PatientBirthDate", "PatientSex", "ReferringPhysicianName", "AccessionNumber", "StudyID",
    "Manufacturer", "PatientOrientation",
)  # fmt: skip

#: Likewise those that ophthalmic photographs must have, and sequences; what was kept stays.
EMPTY_OPHTHALMIC = (
    "PatientEyeMovementCommanded", "HorizontalFieldOfView", "PupilDilated",
    "EmmetropicMagnification", "IntraOcularPressure", "DetectorType",
)  # fmt: skip
EMPTY_SEQUENCES = (
    "RefractiveStateSequence", "IlluminationTypeCodeSequence",
    "LightPathFilterTypeStackCodeSequence", "ImagePathFilterTypeStackCodeSequence",
    "LensesCodeSequence", "AcquisitionContextSequence",
)  # fmt: skip

#: Dates and times that are kept where a person's are moved, and what ophthalmic photographs need.
DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
TIMES = ("StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime")
MOMENTS = ("AcquisitionDateTime",)

#: What is read besides: the person, and what is said anew of pixels and of numbers in a study.
READ_TOO = (
    "PatientID", "IssuerOfPatientID", "ImageType", "BurnedInAnnotation", "SeriesNumber",
    "InstanceNumber", "ICCProfile", *DATES, *TIMES, *MOMENTS,
)  # fmt: skip
