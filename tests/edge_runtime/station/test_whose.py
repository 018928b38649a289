"""Whom a photograph is of, by its name and folder."""

import os
from pathlib import Path

import pytest

from edge_runtime.station.whose import whose


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("17_OD.jpg", "17_OS_2.jpg"),
        ("17_left.jpg", "17_RIGHT.PNG"),
        ("day/P1_OD.jpg", "day/p1_os.jpg"),
        ("Meyer/IMG_1.jpg", "Meyer/IMG_2.jpg"),
        ("17/17_OD.jpg", "17/IMG_0002.jpg"),  # name and folder say the same
        ("17/DCIM/100CANON/IMG_1.jpg", "17/IMG_2.jpg"),
        ("17/2024-05-17/IMG_1.jpg", "17/20240601/IMG_2.jpg"),
        ("17/OD/1.jpg", "17/OS/2.jpg"),
        ("17/left eye/1.jpg", "17/Right/2.jpg"),
        ("OD/17_OD.jpg", "OS/17_OS.jpg"),
        ("P 17 OD.jpg", "p_17_OS_2.jpg"),
        ("P17 (OD).jpg", "P17_OS.jpg"),
        ("P17-OD (2).jpg", "P17 left.jpg"),
        ("Mun\u0303oz OD.jpg", "Mu\u00f1oz_OS.jpg"),  # as Apple's disks write it
        ("P 17/P-17 OD.jpg", "P 17/IMG_0002.jpg"),
        ("P61 izquierdo.jpg", "P61 derecho.jpg"),
        ("P72\n_OD.jpg", "P72_OS.jpg"),
        ("P42-izq.jpg", "P42-der.jpg"),
        ("P43 ojo izquierdo.jpg", "P43 ojo derecho 2.jpg"),
        ("P43 ojo izq.jpg", "P43_OD.jpg"),
        ("52izq.jpg", "52der.jpg"),
        ("P52izq.jpg", "P52_izq_2.jpg"),
        ("P61 izquierdo OS.jpg", "P61 derecho macula.jpg"),
        ("P7 direito.jpg", "P7 olho esquerdo.jpg"),
        ("P8_OG.jpg", "P8 oeil droit.jpg"),
        ("izquierdo/17 izquierdo.jpg", "ojo derecho/17 derecho.jpg"),
        ("izq/17_izq.jpg", "der/17_der.jpg"),
        ("P55/izq/1.jpg", "P55/ojo derecho/1.jpg"),
    ],
)
def test_two_photos_are_of_one_person(one, other):
    assert whose(Path(one))[0] == whose(Path(other))[0] != ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("17_OD.jpg", "18_OD.jpg"),
        ("17/IMG_1.jpg", "18/IMG_1.jpg"),
        ("monday/17_OD.jpg", "tuesday/17_OD.jpg"),  # both days may count from one
        ("2024-05-17/17_OD.jpg", "2024-05-18/17_OD.jpg"),
        ("clinic/17/1.jpg", "camp/17/1.jpg"),
        ("17/18_OD.jpg", "17/IMG_1.jpg"),  # name and folder say otherwise
        ("17 OD.jpg", "1-7 OD.jpg"),
        ("P 17 OD.jpg", "P 18 OS.jpg"),
        ("मीना_OD.jpg", "मोना_OD.jpg"),
        ("मीना OD.jpg", "मोना OD.jpg"),
        ("001_2024/IMG_1.jpg", "002_2024/IMG_1.jpg"),
    ],
)
def test_two_photos_are_of_two_persons(one, other):
    assert whose(Path(one))[0] != whose(Path(other))[0]


@pytest.mark.parametrize(
    ("photo", "name"),
    [
        ("17_OD.jpg", "17"),
        ("2024-05-17/P1_OS.jpg", "P1"),
        ("Meyer/IMG_1.jpg", "Meyer"),
        ("17/17_OD.jpg", "17"),
        ("P 17 OD.jpg", "P 17"),
        ("17 right.jpg", "17"),
        ("17 - left eye (2).jpg", "17"),
        ("P17 (OD).jpg", "P17"),
        ("P17-OD (2).jpg", "P17"),
        ("P17.OS.2.jpg", "P17"),
        ("Maria Lopez OD.jpg", "Maria Lopez"),
        ("Maria Lopez OD 2.jpg", "Maria Lopez"),
        ("\u00dcnal, Ay\u015fe (OS).png", "\u00dcnal, Ay\u015fe"),
        ("Juan le Gros 17 r.jpg", "Juan le Gros 17"),
        ("20241/DCIM/101_0517/IMG_1.jpg", "20241"),
        ("12345678/IMG_1.jpg", "12345678"),  # eight digits are somebody's number, no camera's
        ("Le/IMG_1.jpg", "Le"),  # a name, and no left eye
        ("DCIM/Meyer 17/IMG_1.jpg", "Meyer 17"),
        ("P17/DCIM/100CANON/IMG_1.jpg", "P17"),  # a card's folders, copied for each person
        ("मीना OD.jpg", "मीना"),
        ("017Lopez/IMG_1.jpg", "017Lopez"),
        ("123Smith/IMG_1.jpg", "123Smith"),
        ("101_2024/IMG_1.jpg", "101_2024"),
        ("DCIM/001_2024/IMG_1.jpg", "001_2024"),  # cameras count from 100
        ("patient 17 OD.jpg", "patient 17"),
        ("Foto de Ana OD.jpg", "Foto de Ana"),
        ("Photo 17/IMG_1.jpg", "Photo 17"),
        ("fundus/17_OD.jpg", "17"),
        ("17/fundus OD.jpg", "17"),
        ("P61 izquierdo.jpg", "P61"),
        ("P42-der.jpg", "P42"),
        ("P43 ojo izquierdo.jpg", "P43"),
        ("P43 ojoizquierdo.jpg", "P43"),
        ("Juan Perez ojo derecho.jpg", "Juan Perez"),
        ("Juan Perez ojo derecho 2.jpg", "Juan Perez"),
        ("52izq.jpg", "52"),
        ("52OD.jpg", "52"),
        ("P52izq2.jpg", "P52"),
        ("P17 OD2.jpg", "P17"),
        ("P7 olho esquerdo.jpg", "P7"),
        ("P8 \u0153il droit.jpg", "P8"),
        ("P8 OG.jpg", "P8"),
        ("Maria Izquierdo OD.jpg", "Maria Izquierdo"),
        ("P17 Maria Izquierdo OD.jpg", "P17 Maria Izquierdo"),
        ("Maria Izquierdo ojo derecho.jpg", "Maria Izquierdo"),
        ("17 Jan van der Meer OD.jpg", "17 Jan van der Meer"),
    ],
)
def test_the_person_is_called_by_what_tells_them(photo, name):
    assert whose(Path(photo))[1] == name


@pytest.mark.parametrize(
    "photo",
    [
        "IMG_0001.jpg",
        "OD.jpg",
        "20240517_OD.jpg",  # a date in the person's place
        "DCIM/100CANON/IMG_0001.JPG",
        "DCIM/10060517/IMG_0001.JPG",
        "100MEDIA/IMG_0001.JPG",
        "2024-05-17/IMG_0001.JPG",
        "17.05.2024/DCIM/IMG_0001.JPG",
        "Photos/new folder (2)/a.jpg",
        "OD/IMG_0001.JPG",
        "IMG_0001_OD.jpg",
        "DSC00017 left.jpg",
        "_MG_1234_OS.jpg",
        "2024 05 17 OD.jpg",
        "2024-05-17 0930 OS.jpg",
        "right eye of the man.jpg",
        "turn left at the church.jpg",
        "carte de la ville.jpg",
        "P17.jpg",  # no eye, so it may be anything
        "(OD).jpg",
        "EOS_DIGITAL/DCIM/100CANON/IMG_1.jpg",
        "some card/DCIM/100CANON/IMG_1.jpg",
        "1234-5678/dcim/Camera/IMG_1.jpg",  # a card without a label
        "NO NAME/IMG_1.jpg",
        "NIKON D90/IMG_1.jpg",
        "100EOS5D/IMG_1.jpg",
        "101ND800/IMG_1.jpg",
        "102_PANA/IMG_1.jpg",
        "103OLYMP/IMG_1.jpg",
        "104MSDCF/IMG_1.jpg",
        "fundus OD.jpg",
        "fundus OD (2).jpg",
        "FundusImages_OS.jpg",
        "Image0001_R.jpg",
        "photo 1_OD.jpg",
        "retina-scan left.jpg",
        "ojo derecho OD.jpg",
        "untitled OD.jpg",
        "im\u00e1gen 3 OD.jpg",
        "ima\u0301gen 3_OD.jpg",  # as Apple's disks write it
        "OD_OS.jpg",
        "ojo derecho.jpg",
        "olho esquerdo 2.jpg",
        "oeil gauche.jpg",
        "fundus izq.jpg",
        "IMG_0001 izquierdo.jpg",
        "IMG_0001izq.jpg",
        "0.1 h2os.jpg",
        "Per og Kari.jpg",
        "Jan van der Meer.jpg",
        "Maria Izquierdo Lopez.jpg",
        "P17_I.jpg",  # pictures are lettered so
        "P17_D.jpg",
        "izq/IMG_0001.jpg",
        "20240517 derecho.jpg",
        "patient OD.jpg",
        "Fotos (2)/IMG_1.jpg",
        "fundus images/IMG_1.jpg",
        "Nueva carpeta (3)/IMG_1.jpg",
    ],
)
def test_names_of_cameras_and_dates_tell_nobody(photo):
    assert whose(Path(photo)) == ((), "")


def test_a_name_that_is_no_utf8_is_shown_in_signs_that_any_page_can_take():
    key, name = whose(Path(os.fsdecode(b"Mu\xf1oz/1.jpg")))
    assert name == "Mu\\udcf1oz"
    assert os.fsencode(key[0]) == b"Mu\xf1oz"
