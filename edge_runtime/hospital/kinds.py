"""Which DICOM objects are photographs."""

from edge_runtime.hospital.damage import in_words

#: The classes that are read, by UID.
READ = {
    "1.2.840.10008.5.1.4.1.1.77.1.5.1": "Ophthalmic Photography 8 Bit Image",
    "1.2.840.10008.5.1.4.1.1.77.1.5.2": "Ophthalmic Photography 16 Bit Image",
    "1.2.840.10008.5.1.4.1.1.77.1.4": "VL Photographic Image",
    "1.2.840.10008.5.1.4.1.1.7": "Secondary Capture Image",
    "1.2.840.10008.5.1.4.1.1.7.2": "Multi-frame Grayscale Byte Secondary Capture Image",
    "1.2.840.10008.5.1.4.1.1.7.3": "Multi-frame Grayscale Word Secondary Capture Image",
    "1.2.840.10008.5.1.4.1.1.7.4": "Multi-frame True Color Secondary Capture Image",
}

#: The index of a disk of DICOM files.
DIRECTORY = "1.2.840.10008.1.3.10"

#: The third word of ``ImageType`` of pictures that are made here of a photo, and are none.
OVERLAY_MARK = "GRADCAM_OVERLAY"

#: The class of what ``wrap`` makes.
OPHTHALMIC_8_BIT = "1.2.840.10008.5.1.4.1.1.77.1.5.1"


def kind_name(sop_class: str) -> str:
    """Name a class as the standard does, such as "CT Image"; by its UID where that isn't known."""
    if not sop_class:
        return "an object without a class"
    return READ.get(sop_class) or uid_name(sop_class).removesuffix(" Storage")


def uid_name(uid: str) -> str:
    """Name what a UID stands for as the standard does; the UID itself where that isn't known."""
    from pydicom.uid import UID  # noqa: PLC0415 - few runs meet one

    with in_words("is damaged"):
        return UID(uid).name
