"""Finding a family from what somebody says of it: words, a birth date, a telephone number, an address.

A family is found by its *terms*: every word of its names, its references, birth dates, telephone numbers and e-mail
address, each in the one form under which it is looked for. What is asked is a set of beginnings of terms, all of
which the family must have.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.identity.domain.families import Family
from services.identity.domain.text import normal_email
from shared.errors import N_, BadInput
from shared.text import plain

SHORTEST_WORD = 2
SHORTEST_NUMBER = 4
MOST_WORDS = 6
# Country codes whose numbers are dialled with a leading 0 at home: France and its departments overseas.
HOME_CODES = ("33", "262", "590", "594", "596")
NATIONAL_DIGITS = 9
WRITTEN_DAY = re.compile(r"\b([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})\b")
ONLY_DIGITS = re.compile(r"[0-9 .+/()-]+")
NUMBER = re.compile(r"\+?[0-9][0-9 .()-]{2,}")


class SearchTooWide(BadInput):
    code = "search-too-wide"
    title = N_("Search too wide")
    sentence = N_("Nearly every family of the town would be found.")
    remedy = N_("Type two letters of a name, four digits of a telephone number, or a birth date.")

    def __init__(self) -> None:
        super().__init__([])


@dataclass(frozen=True)
class Term:
    """The beginning of a term, or with `whole` the term itself."""

    text: str
    whole: bool = False

    @property
    def narrow(self) -> bool:
        shortest = SHORTEST_NUMBER if self.text.isdecimal() else SHORTEST_WORD
        return self.whole or len(self.text) >= shortest


def terms_of(family: Family) -> tuple[str, ...]:
    """Every term of a family, once, in order."""
    return tuple(sorted({term for term in _terms(family) if term}))


def _terms(family: Family) -> Iterator[str]:
    for text in _texts(family):
        yield from plain(text).split()
    for reference in (family.reference, *(child.reference for child in family.children)):
        yield plain(reference).replace(" ", "")
    yield from numbers_of(family.phone)
    yield from (child.birth_date.isoformat() for child in family.children)
    if family.email:
        yield _address_term(family.email)


def _texts(family: Family) -> Iterator[str]:
    yield from (family.name, family.reference, family.email.partition("@")[0])
    for guardian in family.guardians:
        yield from (guardian.first_name, guardian.last_name)
    for child in family.children:
        yield from (child.reference, child.first_name, child.last_name)


def numbers_of(phone: str) -> list[str]:
    """`06 39 98 00 00 ou +33 6 39 98 00 01` → `["0639980000", "0639980001"]`."""
    return [number_of(found.group()) for found in NUMBER.finditer(phone)]


def number_of(written: str) -> str:
    """A telephone number as it is dialled at home, digits only."""
    digits = re.sub(r"[^0-9]", "", written)
    international = written.lstrip().startswith("+") or digits.startswith("00")
    digits = digits.removeprefix("00") if international else digits
    for code in HOME_CODES if international else ():
        # "+33 (0)6…" keeps its 0; a beginning of a number is looked for too, hence no exact length.
        if digits.startswith(code) and len(digits) - len(code) <= NATIONAL_DIGITS + 1:
            return "0" + digits.removeprefix(code).removeprefix("0")
    return digits


def sought(words: str = "", *, birth_date: date | None = None, phone: str = "") -> tuple[Term, ...]:
    """What to look for. Raises `SearchTooWide` when nothing of it narrows the search."""
    terms = [*_written_days(words), *_sought_words(WRITTEN_DAY.sub(" ", words))]
    if birth_date:
        terms.append(Term(birth_date.isoformat(), whole=True))
    if phone:
        terms.append(Term(number_of(phone)))
    wanted = tuple(dict.fromkeys(term for term in terms if term.text))[:MOST_WORDS]
    if not any(term.narrow for term in wanted):
        raise SearchTooWide()
    return wanted


def _written_days(words: str) -> Iterator[Term]:
    for found in WRITTEN_DAY.finditer(words):
        day, month, year = map(int, found.groups())
        try:
            yield Term(date(year, month, day).isoformat(), whole=True)
        except ValueError:
            continue


def _sought_words(words: str) -> Iterator[Term]:
    words = words.strip()
    if words and ONLY_DIGITS.fullmatch(words):
        yield Term(number_of(words))
        return
    for word in words.split():
        if "@" in word:
            yield Term(_address_term(word))
        else:
            yield from (Term(part) for part in plain(word).split())


def _address_term(email: str) -> str:
    """No word begins with an @, so that addresses are only found by who types one."""
    return f"@{normal_email(email)}"
