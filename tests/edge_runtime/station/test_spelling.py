"""What people are called by is the same however it is written, and is found however it is typed."""

import pytest

from edge_runtime.station.spelling import Search, same_number


@pytest.mark.parametrize("other", ["p-17", "P_17", "P 17", " p  17 ", "P.17", "(P-17)", "P17"])
def test_a_number_is_the_same_by_whatever_sign_it_is_parted(other):
    assert same_number("P-17") == same_number(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("17", "1-7"),
        ("P17", "P1-7"),
        ("Muñoz", "Munoz"),
        ("मीना", "मोना"),  # vowels are marks there, in Bengali and in Thai too
        ("রীনা", "রানা"),
        ("มานี", "มานา"),
    ],
)
def test_what_may_be_two_persons_is(one, other):
    assert same_number(one) != same_number(other)


def test_what_joins_letters_unseen_makes_no_other_person():
    assert same_number("क्\u200dषमा") == same_number("क्षमा")
    assert same_number("P\u00ad17") == same_number("P17")


def test_signs_alone_are_told_from_each_other_and_from_nothing():
    assert len({same_number(each) for each in ("", "-", "--", "#")}) == 4


@pytest.mark.parametrize(
    ("search", "told"),
    [
        ("munoz", "17 · Ana Muñoz"),
        ("MUÑOZ ana", "17 · Ana Mun\u0303oz"),
        ("unal ayse", "Ünal, Ayşe"),
        ("\u0131\u015f\u0131k", "Isik"),
        ("sorensen", "Sørensen"),
        ("strasse", "Straße"),
        ("p17", "P-17"),
        ("p-17", "P17"),
        ("मीना", "17 · मीना"),
        ("p-मीना", "Pमीना"),
        ("#12", "K7"),
        ("", "anybody"),
    ],
)
def test_a_person_is_found_without_accents_capitals_and_signs(search, told):
    assert Search(search).finds(told, 12)


@pytest.mark.parametrize(
    ("search", "told"),
    [
        ("munoz 18", "17 Muñoz"),
        ("#2", "K7"),
        ("-", "K7"),
        ("#", "K7"),
        ("<b>", "K7 · B"),
        ("मोना", "मीना"),
    ],
)
def test_who_is_called_otherwise_is_not_found(search, told):
    assert not Search(search).finds(told, 12)


@pytest.mark.parametrize("told", ["P-17", "p_17  x", "K/17.2", "Ana\tLopez", "O'Neil (OD)", "7"])
def test_ascii_is_spelt_as_all_other_texts_are(told):
    """It has a quicker way of its own."""
    assert same_number(f"{told} é") == f"{same_number(told)} é"
    assert Search(f"{told} é").finds(f"{told} É", 1)
    search = Search(told.upper())
    assert search.finds(f"x {told} É", 1) == search.finds(f"x {told}", 1)
