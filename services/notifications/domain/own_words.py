"""A town's own words for a kind of letter: plain text in which `{name}` stands for a fact of the letter.

Nothing is executed: a place is looked up by its name and what stands there is put in as it is, once. What the facts
hold is never read again for places, and the page escapes all of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shared.errors import N_, BadInput

PLACE = re.compile(r"\{([a-z_]{1,40})\}")
BRACE = re.compile(r"[{}]")
# As much as tells which brace is meant.
QUOTED = 30


class UnknownPlace(BadInput):
    code = "unknown-place"
    title = N_("Unknown place in the text")
    sentence = N_("This kind of letter knows no “%(place)s”.")
    remedy = N_("Use one of these: %(known)s.")

    def __init__(self, field: str, place: str, known: str) -> None:
        facts = {"place": place, "known": known}
        super().__init__([{"in": "body", "field": field, "message": self.sentence, "facts": facts}], **facts)


class LooseBrace(BadInput):
    code = "loose-brace"
    title = N_("A brace that belongs to nothing")
    sentence = N_("The braces at “%(near)s” do not enclose a name such as {town}.")
    remedy = N_("Write the name of a fact between two braces, without spaces, or leave the braces out.")

    def __init__(self, field: str, near: str) -> None:
        facts = {"near": near}
        super().__init__([{"in": "body", "field": field, "message": self.sentence, "facts": facts}], **facts)


class PlaceNeeded(BadInput):
    code = "place-needed"
    title = N_("A fact is missing in the text")
    sentence = N_("The opening of this kind of letter must hold “{%(place)s}”: it says what the letter is about.")
    remedy = N_("Put it where the letter shall say it.")

    def __init__(self, field: str, place: str) -> None:
        facts = {"place": place}
        super().__init__([{"in": "body", "field": field, "message": self.sentence, "facts": facts}], **facts)


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """In one language. Empty: as Préau says it. `notes`: paragraphs after the letter's link."""

    subject: str = ""
    opening: str = ""
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.subject or self.opening or self.notes)

    def check(self, where: str, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> None:
        """`where` is the field they came in; `needed` must stand in an opening.

        Raises `UnknownPlace`, `LooseBrace`, `PlaceNeeded`.
        """
        _check(f"{where}.subject", self.subject, known)
        _check(f"{where}.opening", self.opening, known)
        for number, note in enumerate(self.notes):
            _check(f"{where}.notes.{number}", note, known)
        for place in needed if self.opening else ():
            if place not in PLACE.findall(self.opening):
                raise PlaceNeeded(f"{where}.opening", place)


def _check(field: str, text: str, known: tuple[str, ...]) -> None:
    for place in PLACE.findall(text):
        if place not in known:
            raise UnknownPlace(field, place, ", ".join(known))
    if loose := BRACE.search(PLACE.sub(" ", text)):
        at = text.find(loose.group())
        raise LooseBrace(field, text[at : at + QUOTED])


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with its facts; a name no letter of the kind knows any more is left out."""
    return PLACE.sub(lambda place: facts.get(place[1], ""), text)
