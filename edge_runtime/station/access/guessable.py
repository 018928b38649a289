"""Tell passwords that somebody would try among the first: common words, and regular patterns."""

import re
import unicodedata

#: Digits of a PIN that nobody can guess: beside so many a common word does no harm.
_ENOUGH_DIGITS = 6

_FEWEST_DIFFERENT = 3
_SHORTEST_RUN = 3  # letters in a row of a keyboard or an alphabet that are one step of a hand
_MOST_LEFT = 1  # letters beside such runs that make no password of them

#: What people take most in the languages of those who sit at stations, without accents.
_WORDS = (
    # English
    "password passwort pass letmein welcome admin administrator iloveyou loveyou monkey dragon "
    "football baseball soccer sunshine princess master shadow superman batman michael jordan "
    "charlie hello helloworld freedom whatever trustno secret login access starwars computer "
    "internet changeme default guest user test testing flower summer winter lovely cheese pepper "
    "chocolate cookie banana orange killer jennifer jessica ashley daniel thomas andrew joshua "
    "liverpool chelsea arsenal google samsung fundus retina station camera clinic hospital doctor "
    "screening camp health "
    # Spanish
    "contrasena contrasenia micontrasena clave miclave secreto hola holamundo teamo teamomucho "
    "tequiero tequieromucho mivida miamor amor amormio amorcito corazon estrella estrellita "
    "princesa mariposa bonita hermosa futbol barcelona realmadrid america colombia mexico "
    "argentina espana ecuador bolivia venezuela guatemala honduras familia mifamilia jesus "
    "jesucristo dios diosmio diosesamor alejandro alejandra carlos daniela sebastian guadalupe "
    "bienvenido bienvenida usuario administrador invitado acceso entrar computadora ordenador "
    "camara clinica doctora salud campamento estacion "
    # Portuguese
    "senha minhasenha mudar brasil flamengo corinthians palmeiras vasco santos euteamo deus "
    "deusefiel deusemais jesusteama felicidade saudade estrela borboleta futebol bemvindo segredo "
    "acesso gabriel camila rafael portugal benfica sporting lisboa saude "
    # French
    "motdepasse monmotdepasse bonjour soleil chouchou doudou loulou jetaime amour monamour coucou "
    "marseille france paris chocolat bienvenue administrateur utilisateur invite papillon "
    "princesse liberte nicolas camille caramel vacances hopital clinique sante"
)
_COMMON = frozenset((*_WORDS.split(), "fundusedge"))

#: Rows and columns of keyboards and of their digits, the alphabet, and what stands for letters.
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "13579", "0246810", "147", "258", "369", "159",
    "357", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
    "qwertzuiop", "yxcvbnm", "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm",
    "1q2w3e4r5t6y7u8i9o0p", "1a2b3c4d5e6f", "a1b2c3d4e5f6",
)  # fmt: skip
_STEPS = frozenset(
    three
    for row in _ROWS
    for way in (row, row[::-1])
    for three in zip(way, way[1:], way[2:], strict=False)
)
_LEET = str.maketrans("@4301$5!", "aaeoissi")


def is_guessable(text: str) -> bool:
    """Tell whether a text is one of the first that somebody would try, whatever its length."""
    plain = _plain(text)
    return (
        len(set(plain)) < _FEWEST_DIFFERENT
        or _is_common(plain)
        or _is_regular(plain)
        or _is_regular(_undoubled(plain))
        or _is_doubled(plain)
    )


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in parts if not (each.isspace() or unicodedata.combining(each)))


def _is_common(plain: str) -> bool:
    """Tell whether it is a common word, with a few digits or signs around it or in its letters."""
    beside = sum(each.isdigit() for each in plain)
    letters = re.sub(r"[\W\d_]", "", plain)
    return (beside < _ENOUGH_DIGITS and letters in _COMMON) or plain.translate(_LEET) in _COMMON


def _is_regular(plain: str) -> bool:
    """Tell whether it is runs along keys or letters, or of one of them, with hardly anything else.

    So are 123456, 111222, qweasd, abc123, 147258 and qwerty1.
    """
    left, place = 0, 0
    while place < len(plain):
        end = place + 1
        while end < len(plain) and _goes_on(plain, place, end):
            end += 1
        if end - place < _SHORTEST_RUN:
            left, end = left + 1, place + 1
        place = end
    return left <= _MOST_LEFT


def _goes_on(plain: str, first: int, place: int) -> bool:
    """Tell whether the letter at a place goes on with the run that began at ``first``."""
    run = plain[max(first, place - 2) : place + 1]
    if len(run) < _SHORTEST_RUN:
        return True
    return len(set(run)) == 1 or tuple(run) in _STEPS


def _undoubled(plain: str) -> str:
    """Take doubled letters once where all are so, as in 112233."""
    return plain[::2] if plain[::2] == plain[1::2] else plain


def _is_doubled(plain: str) -> bool:
    """Tell whether it is something short more than once, or once more from behind."""
    half = len(plain) // 2
    units = (plain[:size] for size in range(1, min(half, 5) + 1) if len(plain) % size == 0)
    is_repeated = any(unit * (len(plain) // len(unit)) == plain for unit in units)
    is_mirrored = plain == plain[::-1] and len(set(plain)) <= 3
    return is_repeated or is_mirrored
