"""Passwords that somebody would try among the first are told from others."""

import random

import pytest

from edge_runtime.station.access.guessable import is_guessable
from edge_runtime.station.access.password import weakness


@pytest.mark.parametrize(
    "text",
    [
        "password", "Password1", "P@ssw0rd", "password123", "Welcome2024!", "letmein", "iloveyou",
        "contraseña", "CONTRASENA", "Contraseña1", "te quiero", "clave123", "realmadrid", "mi vida",
        "senha123", "brasil2024", "Flamengo", "motdepasse", "mot de passe", "bonjour", "Hôpital",
        "1password1", "fundus", "fundus-edge", "pass-word", "admin2024", "hola1234",
    ],
)  # fmt: skip
def test_common_words_of_each_language_are_guessable(text):
    assert is_guessable(text)


@pytest.mark.parametrize(
    "text",
    [
        "123456", "654321", "111222", "123123", "112233", "000000", "121212", "123321", "789456",
        "147258", "159753", "567890", "135790", "890123", "qwerty", "qwerty1", "asdfgh", "azerty",
        "qweasd", "qazwsx", "1q2w3e", "1qaz2wsx", "abcdef", "abc123", "a1b2c3", "aabbcc", "332211",
        "abcabc", "holahola", "passpass", "739739", "1212121212", "1234567", "zyxwvu", "123abc",
        "qwerty123456", "11112222", "246810",
    ],
)  # fmt: skip
def test_regular_patterns_are_guessable(text):
    assert is_guessable(text)
    assert "the first that somebody would try" in weakness(text)


@pytest.mark.parametrize(
    "text",
    [
        "730916", "tres ojos azules", "481502", "password 730916", "el perro come pan",
        "contraseña de verdad", "hv7Qp2", "gato azul", "ojos de mar", "112358", "270381",
        "motdepasse de Léa", "estrella polar", "मेरा कैमरा", "qwerty parrot stone",
        "tres ojos tres ojos",
    ],
)  # fmt: skip
def test_others_will_do(text):
    assert weakness(text) is None


def test_of_pins_that_are_drawn_by_chance_hardly_any_is_refused():
    draw = random.Random(17)
    pins = [f"{draw.randrange(1_000_000):06}" for _ in range(20_000)]
    assert 0 < sum(map(is_guessable, pins)) < 0.01 * len(pins)  # enough are left to guess from
