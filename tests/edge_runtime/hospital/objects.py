"""DICOM objects as cameras and archives write them, made of an array."""

import gc
import json
import warnings
import zlib

import cv2
import numpy as np
import simplejpeg
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.fileset import FileSet
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    generate_uid,
)

OP8 = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
OP16 = "1.2.840.10008.5.1.4.1.1.77.1.5.2"
VL = "1.2.840.10008.5.1.4.1.1.77.1.4"
SC = "1.2.840.10008.5.1.4.1.1.7"
CT = "1.2.840.10008.5.1.4.1.1.2"


def make(
    pixels, *, sop_class=OP8, syntax=ExplicitVRLittleEndian, bits=None, photometric=None, **tags
):
    """Make an object of uint8 or uint16 (height, width), (height, width, 3), or frames of these.

    A tag of None is left out.
    """
    arrays = pixels if isinstance(pixels, list) else [pixels]
    first = arrays[0]
    data = Dataset()
    data.preamble, data.file_meta = b"\0" * 128, FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = sop_class
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid(
        entropy_srcs=[first.tobytes()[:1000].hex()]
    )
    data.PatientID, data.PatientName, data.ImageLaterality = "P1", "Doe^Jane", "R"
    data.AcquisitionDateTime, data.Manufacturer = "20240131101112", "Maker"
    data.ManufacturerModelName = "Camera 3"
    data.Rows, data.Columns = first.shape[:2]
    data.SamplesPerPixel = 3 if first.ndim == 3 else 1
    data.PhotometricInterpretation = photometric or ("RGB" if first.ndim == 3 else "MONOCHROME2")
    if first.ndim == 3:
        data.PlanarConfiguration = 0
    data.BitsAllocated = 8 * first.itemsize
    data.BitsStored = bits or data.BitsAllocated
    data.HighBit, data.PixelRepresentation = data.BitsStored - 1, int(first.dtype.kind == "i")
    if len(arrays) > 1:
        data.NumberOfFrames = len(arrays)
    native = b"".join(each.tobytes() for each in arrays)
    data.PixelData = native + b"\0" * (len(native) % 2)
    data["PixelData"].VR = "OB" if first.itemsize == 1 else "OW"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some values are meant to be wrong
        for name, value in tags.items():
            if value is None:
                delattr(data, name)
            else:
                setattr(data, name, value)
    return data


def item(**tags):
    """Make an item of a sequence."""
    made = Dataset()
    for name, value in tags.items():
        setattr(made, name, value)
    return made


def jpegs(data, *frames, syntax=JPEGBaseline8Bit):
    """Put compressed frames into an object."""
    data.file_meta.TransferSyntaxUID = syntax
    data.PixelData = encapsulate(list(frames))
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    return data


def jpeg_of(pixels, *, colorspace="RGB"):
    return simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels if pixels.ndim == 3 else pixels[..., None]), quality=95,
        colorspace=colorspace if pixels.ndim == 3 else "GRAY",
    )  # fmt: skip


def save(data, path):
    """Write an object to a file."""
    syntax = data.file_meta.TransferSyntaxUID
    if syntax == ExplicitVRBigEndian and data.BitsAllocated == 16:
        data.PixelData = np.frombuffer(data.PixelData, "<u2").astype(">u2").tobytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data.save_as(
            path, enforce_file_format=True, implicit_vr=syntax == ImplicitVRLittleEndian,
            little_endian=syntax != ExplicitVRBigEndian,
        )  # fmt: skip
    return path


def write_disk(objects, folder):
    """Write objects of patients that are called P and a number as a disk with an index."""
    files = FileSet()
    for number, data in enumerate(objects):
        study = f"1.2.3.{data.PatientID[1:]}"
        told = {
            "StudyDate": "20240131", "StudyTime": "101112", "StudyID": "1", "AccessionNumber": "",
            "Modality": "OP", "SeriesNumber": 1, "InstanceNumber": number,
            "StudyInstanceUID": study, "SeriesInstanceUID": f"{study}.1",
        }  # fmt: skip
        for name, value in told.items():
            setattr(data, name, value)
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid(
            entropy_srcs=[str(number)]
        )
        files.add(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its own folders to Python
        files.write(folder)
        del files
        gc.collect()
    return folder


def lossless_jpeg(pixels, *, ids=(1, 2, 3)):
    """Compress uint8 or uint16 (height, width[, 3]) by JPEG's process 14, each code 5 bits long.

    Source: ITU T.81, annex H: differences to the sample on the left, in the first column above.
    """
    samples = pixels[..., None] if pixels.ndim == 2 else pixels
    height, width, parts = samples.shape
    bits = 8 * samples.itemsize
    wide = samples.astype(np.int64)
    guess = np.empty_like(wide)
    guess[:, 1:], guess[1:, 0], guess[0, 0] = wide[:, :-1], wide[:-1, 0], 1 << bits - 1
    differences = (wide - guess + (1 << 15)) % (1 << 16) - (1 << 15)
    word = "".join(map(_coded, differences.reshape(-1).tolist()))
    word += "1" * (-len(word) % 8)
    scan = int(word, 2).to_bytes(len(word) // 8, "big").replace(b"\xff", b"\xff\0")
    table = b"\x00" + bytes([0] * 4 + [17] + [0] * 11) + bytes(range(17))
    frame = bytes([bits]) + height.to_bytes(2, "big") + width.to_bytes(2, "big") + bytes([parts])
    frame += b"".join(bytes([each, 0x11, 0]) for each in ids[:parts])
    start = bytes([parts]) + b"".join(bytes([each, 0]) for each in ids[:parts]) + b"\x01\0\0"
    segments = ((0xC3, frame), (0xC4, table), (0xDA, start))
    coded = (
        bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body
        for marker, body in segments
    )
    return b"\xff\xd8" + b"".join(coded) + scan + b"\xff\xd9"


def _coded(difference):
    size = abs(difference).bit_length()
    if not size or size == 16:
        return f"{size:05b}"
    return f"{size:05b}{difference if difference > 0 else difference + (1 << size) - 1:0{size}b}"


def ybr_of(pixels):
    """Bring RGB to full-range YCbCr."""
    return np.ascontiguousarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]])


def deflated(size):
    """Make the bytes of a deflated object that unpacks to so many zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(bytes(size)) + packer.flush()


ALL_NATIVE = [
    ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
]  # fmt: skip
LOSSLESS = JPEGLosslessSV1


def lines(result):
    """Read what ``predict --json`` printed."""
    return [json.loads(line) for line in result.stdout.splitlines()]
