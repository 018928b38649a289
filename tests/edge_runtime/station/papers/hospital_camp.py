"""A camp of all kinds of people and photographs, with what its operators said, for a hospital."""

import shutil
from contextlib import closing

from PIL import Image

from edge_runtime.hospital.demographics import Demographics
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import (
    ConsentTold,
    EyeTold,
    FollowedUp,
    PeopleMerged,
    PersonDescribed,
    PersonExpected,
    PersonOpened,
    PersonReferred,
    PhotoAssigned,
    ResultAccepted,
    ResultOverridden,
    RetakeAsked,
    Undone,
)
from edge_runtime.station.intake import Intake
from edge_runtime.station.orders import Order
from tests.edge_runtime.hospital.objects import make, save
from tests.edge_runtime.station.camps import Clock
from tests.edge_runtime.station.taking_in import swept

ORDERS = (
    Order("1.2.826.0.1.3680043.8.498.93", "ACC-9", "Both eyes", "OP"),
    Order("", "", "Pressure"),
)
STUDY = "1.2.826.0.1.3680043.8.498.92"
TEXT = "Zyxwv 4815162342"  # what the search for identifiers finds
CONTACT = f"{TEXT} 600 123 456"
HOSTILE = "Zyxwv <b>&'\"\\O=Doe^\u202e"


def write_photos(inbox, eyes):
    """Write the camera's files, each of another content."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2023:05:06 07:08:09"
    left, right = Image.fromarray(eyes["L"]), Image.fromarray(eyes["R"])
    right.save(inbox / "K-17_OD.jpg", exif=exif, quality=95)
    left.save(inbox / "K-17_OS.jpg", quality=95)
    left.save(inbox / "H-1_OS.png")
    Image.fromarray(eyes["L"] // 12).save(inbox / "D3_OS.png")
    left.save(inbox / "D3_OS_2.jpg", quality=94)
    left.save(inbox / "W9_OD.jpg", quality=93)
    right.save(inbox / "G2_OD.jpg", quality=92)
    left.save(inbox / "G2_OS.jpg", quality=92)
    right.save(inbox / "S-1_OD.jpg", quality=91)
    right.save(inbox / "T-2_OD.jpg", quality=90)
    left.save(inbox / "scan.jpg", quality=89)
    right.save(inbox / "X3_OD.jpg", exif=exif, quality=87)
    left.save(inbox / "X3_OS.jpg", quality=87)
    save(
        make(eyes["R"][::-1].copy(), PatientID="", StudyInstanceUID=f"{STUDY}.9",
             SeriesInstanceUID=f"{STUDY}.9.1", SOPInstanceUID=f"{STUDY}.9.1.1"),
        inbox / "NoID",
    )  # fmt: skip
    (inbox / "M-5").mkdir()
    left.save(inbox / "M-5" / "IMG_0001.jpg", quality=88)
    whose = {"PatientName": "Zyxwv^Änne", "SpecificCharacterSet": "ISO_IR 192",
             "StudyDate": "20240131", "StudyTime": "101112", "IssuerOfPatientID": "H"}  # fmt: skip
    for number, (patient, word) in enumerate(
        [("Ñandú-7", "R"), ("Ñandú-7", "B"), ("Ñandú-7", "L"), ("A1", "R"), ("B1", "L")], 1
    ):
        uids = {
            "StudyInstanceUID": f"{STUDY}.{patient[-1]}",
            "SeriesInstanceUID": f"{STUDY}.{patient[-1]}.1",
            "SOPInstanceUID": f"{STUDY}.{patient[-1]}.1.{number}",
        }
        pixels = eyes["R" if word == "R" else "L"].copy()
        pixels[0, 0] = number
        made = make(pixels, PatientID=patient, ImageLaterality=word, **uids, **whose)
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        save(made, inbox / f"IM{number}")


def take_in(inbox, classifier):
    """Let a camp take them in."""
    with closing(CampStore(inbox.with_name(f"{inbox.name}-station"))) as store:
        intake = Intake(inbox, store, classifier)
        intake.arrivals.clock = Clock()
        for _ in range(3):
            swept(intake)
        say(store)


def say(store):
    """Let operators say what they can, of whom they know by the names of the files."""
    photos = {each.path: number for number, each in store.camp.photos.items()}
    people = {path: store.camp.told[number].person for path, number in photos.items()}
    k17, hostile = people["K-17_OD.jpg"], people["H-1_OS.png"]
    empty = store.next_person()
    store.happen(ResultOverridden(photos["K-17_OS.jpg"], "no-referral", "first word"), by="Berta")
    store.happen(
        PersonDescribed(k17, "K-17", "Zyxwv López", 1950),
        ResultOverridden(photos["K-17_OS.jpg"], "refer", "Zyxwv sees badly"),
        ResultAccepted(photos["K-17_OD.jpg"]),
        PersonReferred(k17, "Clinic Zyxwv", "2026-12-01"),
        ConsentTold(k17, True, CONTACT),
        FollowedUp(k17, True, CONTACT),
        PersonDescribed(hostile, HOSTILE, f"<script>{TEXT}\\^=", 1931),
        ResultOverridden(photos["H-1_OS.png"], "refer", f"</div>{HOSTILE}"),
        RetakeAsked(photos["D3_OS.png"], "too dark, Zyxwv"),
        EyeTold(photos["W9_OD.jpg"], "left"),
        EyeTold(photos["IM2"], "left"),
        EyeTold(photos["scan.jpg"], None),
        PhotoAssigned(photos["NoID"], people["G2_OS.jpg"]),
        PersonDescribed(people["T-2_OD.jpg"], "s 1", "", None),
        PeopleMerged(people["IM5"], people["IM4"], "one person"),
        PersonExpected(
            people["X3_OD.jpg"],
            "X-03",
            "H",
            "Zyxwv Xenia",
            1944,
            ORDERS,
            demographics=Demographics("Zyxwv^Xenia ", "19440203", "F"),  # as logs of before have it
        ),
        PersonOpened(empty, "N0"),
        PersonDescribed(empty, "N0", "waits", None),
        by="Ana Zyxwv",
    )
    (last,) = store.happen(RetakeAsked(photos["K-17_OS.jpg"], "a mistake"), by="Carla")
    store.happen(Undone(last.number), by="Carla")


def camp_in(folder, eyes, classifier):
    """Make a camp in a folder that is there, with one file gone; give its inbox."""
    inbox = folder / "inbox"
    inbox.mkdir()
    write_photos(inbox, eyes)
    take_in(inbox, classifier)
    (inbox / "G2_OD.jpg").unlink()
    return inbox


def copied(inbox, target):
    """Copy a camp, for a test that changes it."""
    shutil.copytree(inbox.parent, target, dirs_exist_ok=True)
    return target / inbox.name
