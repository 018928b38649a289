"""The side of the eye in a file's name, and the doubt where the photo disagrees."""

from pathlib import Path

import pytest

from edge_runtime.explain.eye_side import side_doubt, side_in_name
from edge_runtime.explain.landmarks import Landmarks


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("17_left.jpg", "left"),
        ("17_right.jpeg", "right"),
        ("P1-OD.png", "right"),
        ("P1_OS_2024.tif", "left"),
        ("1201_OI_f_1.jpg", "left"),
        ("085_L.jpg", "left"),
        ("085-r.jpg", "right"),
        ("Patient300_R.jpg", "right"),
        ("9-le.jpg", "left"),
        ("R_0001.jpg", "right"),
        ("OD1.jpg", "right"),
        ("Right Eye 3.jpg", "right"),
        ("12 lefteye.jpg", "left"),
        ("a_12_right_2.JPG", "right"),
        ("bright.jpg", None),
        ("copyright_2.jpg", None),
        ("model_5.jpg", None),
        ("IDRiD_54.jpg", None),
        ("le_patient_3.jpg", None),
        ("L_Meier_3.jpg", None),
        ("both_left_right.jpg", None),
        ("20241101.jpg", None),
        (".jpg", None),
        ("right/17.jpg", None),  # the folder may hold anything
        ("P61 izquierdo.jpg", "left"),
        ("P61_DERECHA_2.jpg", "right"),
        ("P42-izq.jpg", "left"),
        ("P42-der.jpg", "right"),
        ("P42_izda_macula.jpg", "left"),
        ("P42 dcho 1.jpg", "right"),
        ("P43 ojo izquierdo.jpg", "left"),
        ("P43 ojo der macula.jpg", "right"),
        ("P43 ojoizq.jpg", "left"),
        ("Juan Perez ojo derecho.jpg", "right"),
        ("52izq.jpg", "left"),
        ("P52izq2.jpg", "left"),
        ("52OD.jpg", "right"),
        ("P7 direito.jpg", "right"),
        ("P7 olho esquerdo 3.jpg", "left"),
        ("P7_OE.jpg", "left"),
        ("P8 droit.jpg", "right"),
        ("P8 gauche macula.jpg", "left"),
        ("P8 \u0153il droit.jpg", "right"),
        ("P8 oeil gauche.jpg", "left"),
        ("P8_OG_1.jpg", "left"),
        ("izquierdo_0001.jpg", "left"),
        ("P9_D.jpg", None),  # pictures are lettered so
        ("P9_I.jpg", None),
        ("Jan van der Meer 17.jpg", None),
        ("17 van der Meer OS.jpg", "left"),
        ("Maria Izquierdo Lopez.jpg", None),
        ("Maria Izquierdo_OD.jpg", "right"),
        ("Maria Izquierdo ojo derecho.jpg", "right"),
        ("Per og Kari.jpg", None),
        ("h2os.jpg", None),
        ("borde.jpg", None),
        ("P61 izquierdo OD.jpg", None),
        ("P61 izq der.jpg", None),
        ("P61 derecho e izquierdo.jpg", None),
        ("ojo derecho y ojo izquierdo.jpg", None),
    ],
)
def test_whole_words_of_a_name_tell_the_side(name, side):
    assert side_in_name(name) == side
    assert side_in_name(Path("folder_left") / name) == side


@pytest.mark.parametrize(
    ("name", "eye", "doubted"),
    [
        ("17_left.jpg", "right", True),
        ("17_right.jpg", "left", True),
        ("17_left.jpg", "left", False),
        ("17_left.jpg", None, False),
        ("17.jpg", "left", False),
    ],
)
def test_a_doubt_is_said_where_name_and_photo_disagree(name, eye, doubted):
    said = side_doubt(name, Landmarks(eye=eye))
    assert (said is not None) == doubted
    if said:
        named = "left" if "left" in name else "right"
        assert said.startswith(f"the file's name says {named} eye, but the optic disc lies as in a")
        assert f"a {eye} eye" in said
