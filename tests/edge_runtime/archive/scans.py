"""DICOM files as a hospital's archive has them: photographs, and what isn't one."""

from make_fundus import draw_fundus
from pydicom.uid import RLELossless

from tests.edge_runtime.hospital.objects import CT, SC, item, jpeg_of, jpegs, make, save

PDF = "1.2.840.10008.5.1.4.1.1.104.1"

#: The photographs of ``write_scans``, in the order in which they are listed.
PHOTOS = [
    "damaged.dcm", "empty.DICOM", "plain.jpg", "north/IM0001", "north/cut.dcm#1",
    "north/cut.dcm#2", "north/one.dcm", "north/three.dcm#1", "north/three.dcm#2",
    "north/three.dcm#3", "south/rle.dcm#1", "south/rle.dcm#2",
]  # fmt: skip

#: What of it ``predict`` passes over as no photograph.
OTHERS = {"CT Image": 1, "Encapsulated PDF": 1, "Grad-CAM overlay of fundus-edge": 1}


def eye(number=0):
    """Draw a small photograph."""
    kinds = ("normal", "glaucoma", "diabetic_retinopathy")
    return draw_fundus(kinds[number % 3], seed=number, size=(160, 200))


def wrapped(number=0, **tags):
    """Make an object around the JPEG of a photograph."""
    data = make(eye(number), photometric="YBR_FULL_422", **tags)
    return jpegs(data, jpeg_of(eye(number)))


def three(**tags):
    """Make an object of three photographs, each of an eye of its own."""
    groups = [item(FrameAnatomySequence=[item(FrameLaterality=each)]) for each in "RLB"]
    told = {"PerFrameFunctionalGroupsSequence": groups, "ImageLaterality": None, **tags}
    return make([eye(1), eye(2)[:, ::-1].copy(), eye(3)], **told)


def report():
    """Make a report that is larger than what is read of an object first."""
    data = make(eye()[..., 0], sop_class=PDF, Modality="DOC")
    data.EncapsulatedDocument = b"%PDF" + bytes(100_000)
    del data.PixelData
    return data


def write_scans(folder):
    """Write a folder of photographs and what else lies with them."""
    for name in ("north", "south", ".hidden"):
        (folder / name).mkdir(parents=True)
    (folder / "plain.jpg").write_bytes(jpeg_of(eye()))
    (folder / "notes.txt").write_text("nothing")
    (folder / "film.mp4").write_bytes(b"film")
    (folder / "damaged.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 50)
    (folder / "empty.DICOM").touch()
    save(wrapped(), folder / ".hidden" / "a.dcm")
    save(wrapped(ImageLaterality="L"), folder / "north" / "IM0001")
    save(make(eye(4), sop_class=SC), folder / "north" / "one.dcm")
    save(three(), folder / "north" / "three.dcm")
    cut = save(make([eye(5)] * 3), folder / "north" / "cut.dcm")
    cut.write_bytes(cut.read_bytes()[: 1000 + eye().nbytes + 500])
    rle = make([eye(6), eye(7)])
    rle.compress(RLELossless)
    save(rle, folder / "south" / "rle.dcm")
    save(make(eye()[..., 0], sop_class=CT), folder / "south" / "ct.dcm")
    save(report(), folder / "south" / "report.dcm")
    overlay = ["DERIVED", "SECONDARY", "GRADCAM_OVERLAY"]
    save(wrapped(ImageType=overlay), folder / "south" / "overlay.dcm")
    return folder
