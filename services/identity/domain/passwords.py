"""Which passwords are good enough, and what to say of those that are not."""

import unicodedata
from collections.abc import Iterable

import zxcvbn_rs_py as zxcvbn

from shared.errors import N_, BadInput
from shared.text import plain

LEAST_LENGTH = 12
LEAST_SCORE = 3
LEAST_SCORE_LEFT = 2
LEAST_WORD = 3
ADVICE = N_(
    "Choose at least 12 characters: four unrelated words, for instance, are easy to remember and hard to guess."
)
COMMON = (
    zxcvbn.Warning.ThisIsACommonPassword,
    zxcvbn.Warning.ThisIsATop10Password,
    zxcvbn.Warning.ThisIsATop100Password,
    zxcvbn.Warning.ThisIsSimilarToACommonlyUsedPassword,
)


class PasswordTooShort(BadInput):
    code = "password-too-short"
    title = N_("Password too short")
    sentence = N_("This password has %(length)s characters; at least 12 are needed.")
    remedy = ADVICE


class PasswordTooCommon(BadInput):
    code = "password-too-common"
    title = N_("Password too common")
    sentence = N_("This password is, or looks like, one that many people use: it would be tried first.")
    remedy = ADVICE


class PasswordPersonal(BadInput):
    code = "password-personal"
    title = N_("Password too close to you")
    sentence = N_("This password is made of your name, your address or your town: people who know you could guess it.")
    remedy = ADVICE


class PasswordTooSimple(BadInput):
    code = "password-too-simple"
    title = N_("Password too easy to guess")
    sentence = N_("This password is too easy to guess: a word, a date, a repetition or a row of keys.")
    remedy = ADVICE


class PasswordBreached(BadInput):
    code = "password-breached"
    title = N_("Password known to thieves")
    sentence = N_("This password is in a list stolen from another site: it is among the first that are tried.")
    remedy = N_("Choose another one, and change it wherever you use it.")


def normal_password(typed: str) -> str:
    """The same password whatever keyboard composed its accents."""
    return unicodedata.normalize("NFKC", typed)


def check_password(password: str, *, about: Iterable[str]) -> None:
    """`about`: names, address and town of its owner. Raises the refusal that says what is wrong."""
    if len(password) < LEAST_LENGTH:
        raise PasswordTooShort(length=len(password))
    words = _words(about)
    if _is_personal(password, words):
        raise PasswordPersonal()
    strength = zxcvbn.zxcvbn(password, words)
    if int(strength.score) < LEAST_SCORE:
        raise PasswordTooCommon() if _is_common(strength) else PasswordTooSimple()


def _is_personal(password: str, words: list[str]) -> bool:
    """What is left once the owner's own words are taken out is easy to guess.

    zxcvbn alone takes each separator between two of them for a random character, and finds them strong.
    """
    left = plain(password).replace(" ", "")
    whole = len(left)
    for word in words:
        left = left.replace(word, "")
    return len(left) < whole and int(zxcvbn.zxcvbn(left).score) < LEAST_SCORE_LEFT


def _words(about: Iterable[str]) -> list[str]:
    """Longest first, whole and in parts: `Sainte-Aurore` is guessed as well as `aurore`."""
    normal = [plain(text) for text in about]
    wholes = [text.replace(" ", "") for text in normal]
    words = {word for word in (*wholes, *" ".join(normal).split()) if len(word) >= LEAST_WORD}
    return sorted(words, key=len, reverse=True)


def _is_common(strength: zxcvbn.Entropy) -> bool:
    return strength.feedback is not None and strength.feedback.warning in COMMON
