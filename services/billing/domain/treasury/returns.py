"""What the Treasury sends back: a subset of PES Retour Recette, written down in docs/unpaid.md.

Of each piece it holds, a file tells its number, its state, why it was refused, and every sum collected. The DGFiP's
schema was not at hand: whatever else stands in a file is skipped, and what names no debt of ours becomes a task.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from services.billing.domain.treasury.collection import Returned
from services.billing.domain.xml_files import Element, read_xml
from shared.errors import N_, BadInput

# EtatPce, and the kinds of slips of sums that came before any title (docs/unpaid.md).
STATES: dict[str, Literal["taken", "suspended", "rejected", "remitted"]] = {
    "02": "taken",
    "03": "suspended",
    "04": "rejected",
    "05": "remitted",
}
BEFORE_TITLE = frozenset({"04", "05"})
AMOUNT = re.compile(r"[0-9]{1,9}([.,][0-9]{1,2})?")
LONGEST_REASON = 300
ROOTS = frozenset({"PES_Retour", "PES_RetourRecette"})


class NoTreasuryReturn(BadInput):
    code = "no-treasury-return"
    title = N_("Not a return of the Treasury")
    sentence = N_("This file is no PES Retour Recette: its first element is “%(root)s”.")
    remedy = N_("Choose the file the Treasury sent back, not the one that was sent to it.")


class WrongReturn(BadInput):
    code = "treasury-return-unreadable"
    title = N_("Return not understood")
    sentence = N_("Piece %(place)s of this file has no usable “%(field)s”. Nothing of the file was taken over.")
    remedy = N_("Send the file unchanged; if it is, show it to whoever runs Préau.")


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing about one debt: its number and year as in our file."""

    number: str
    year: int
    returned: Returned


@dataclass(frozen=True, kw_only=True)
class BeforeTitle:
    """Money the Treasury got without an order to collect it (P503): somebody has to find out what for."""

    key: str
    on: date
    cents: int
    label: str


@dataclass(frozen=True, kw_only=True)
class TreasuryReturn:
    """`post`, `collectivity`: IdPost and CodCol, whose file it is."""

    post: str
    collectivity: str
    said: tuple[Said, ...]
    before_title: tuple[BeforeTitle, ...]


def read_return(content: bytes) -> TreasuryReturn:
    """Raises `UnreadableXml`, `UnsafeXml`, `NoTreasuryReturn`, `WrongReturn`: all of a file is understood or none."""
    root = read_xml(content)
    if root.name not in ROOTS:
        raise NoTreasuryReturn(root=root.name[:40])
    said: list[Said] = []
    loose: list[BeforeTitle] = []
    place = 0
    for slip in root.under("Bordereau"):
        kind, year = _value(slip, "TypBord"), _value(slip, "Exer")
        for piece in slip.each("Piece"):
            place += 1
            if kind in BEFORE_TITLE:
                loose += _loose(piece, place)
            else:
                said += _said(piece, place, _year(year, place))
    header = root.find("EnTetePES") or root
    return TreasuryReturn(
        post=_value(header, "IdPost"),
        collectivity=_value(header, "CodCol"),
        said=tuple(said),
        before_title=tuple(loose),
    )


def _value(element: Element, name: str) -> str:
    """The attribute V of the first element of that name, however deep."""
    found = next(element.under(name), None)
    return found.attributes.get("V", "").strip() if found else ""


def _said(piece: Element, place: int, year: int) -> Iterator[Said]:
    number = _value(piece, "NumDette")
    if not number or len(number) > 15:
        raise WrongReturn(place=place, field="NumDette")
    state = _value(piece, "EtatPce")
    if state in STATES:
        what = STATES[state]
        on = _day(piece, "DteEtat", place)
        reason = _value(piece, "MotifRejet")[:LONGEST_REASON]
        yield Said(number=number, year=year, returned=Returned(key=f"{what}/{on}", what=what, on=on, reason=reason))
    elif state:
        raise WrongReturn(place=place, field="EtatPce")
    for key, on, cents in _sums(piece, place):
        yield Said(number=number, year=year, returned=Returned(key=key, what="collected", on=on, cents=cents))


def _sums(piece: Element, place: int) -> Iterator[tuple[str, date, int]]:
    """The sums collected of a piece. Without an identifier of its own, a sum is known by its day, amount and turn."""
    turns: Counter[tuple[date, int]] = Counter()
    for entry in piece.under("Emargement"):
        on, cents = _day(entry, "DteEmarg", place), _cents(entry, "MtEmarg", place)
        turns[on, cents] += 1
        name = _value(entry, "IdEmarg")[:40] or f"{on}/{cents}/{turns[on, cents]}"
        yield f"collected/{name}", on, cents


def _loose(piece: Element, place: int) -> Iterator[BeforeTitle]:
    name = _value(piece, "IdPce")
    if not name:
        raise WrongReturn(place=place, field="IdPce")
    on, cents = _day(piece, "DteEncaissement", place), _cents(piece, "MtTTC", place)
    yield BeforeTitle(key=name[:40], on=on, cents=cents, label=_value(piece, "ObjPce")[:160])


def _year(value: str, place: int) -> int:
    if not re.fullmatch(r"20[0-9]{2}", value):
        raise WrongReturn(place=place, field="Exer")
    return int(value)


def _day(element: Element, name: str, place: int) -> date:
    try:
        return date.fromisoformat(_value(element, name))
    except ValueError:
        raise WrongReturn(place=place, field=name) from None


def _cents(element: Element, name: str, place: int) -> int:
    value = _value(element, name)
    if not AMOUNT.fullmatch(value):
        raise WrongReturn(place=place, field=name)
    try:
        return int(Decimal(value.replace(",", ".")) * 100)
    except InvalidOperation:
        raise WrongReturn(place=place, field=name) from None
