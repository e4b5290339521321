"""Shapes of regulations as agents edit them, with each rule said in plain words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from services.reservations.domain.editions import EditionState, Signed
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.town import Town
from services.reservations.domain.wording import Words, summary
from services.reservations.domain.written import WHOLE
from services.reservations.http.shapes import Id
from services.reservations.usecases.regulations import Shown
from shared.local_dates import LocalDate
from shared.web import Answer, Body

LANGUAGES = ("fr", "en")


class DraftRegulation(Regulation):
    """A regulation without its number, which publication gives; one that is sent counts for nothing."""

    version: Annotated[int, Field(ge=1, le=9_999), WHOLE] = 1

    @property
    def rules(self) -> Regulation:
        return Regulation.model_validate(self.model_dump(mode="json"))


class OfProgramme(Body):
    programme_id: Id


class NewDraft(Body):
    """Without `regulation` the draft begins as the version in force."""

    programme_id: Id
    regulation: DraftRegulation | None = None

    @property
    def rules(self) -> Regulation | None:
        return self.regulation.rules if self.regulation else None


class RewrittenDraft(Body):
    regulation: DraftRegulation


class NewPublication(Body):
    """The first day the version holds for; null: for all days, also those before today."""

    valid_from: LocalDate | None


class ShownSignature(Answer):
    """`account_id` is empty for what was there before this was kept."""

    account_id: str
    at: datetime


class SaidRule(Answer):
    """What the regulation says at `about` (`booking.reserver-j-2`), in plain words."""

    about: str
    fr: str
    en: str


class ShownRegulation(Answer):
    """`version`: of a draft, the one it would get. `outdated`: another version was published since the draft was
    last written. `revision` is also the ETag.
    """

    regulation_id: str
    programme_id: str
    state: EditionState
    version: int
    valid_from: date | None
    based_on: int
    outdated: bool
    revision: int
    made: ShownSignature
    changed: ShownSignature
    published: ShownSignature | None
    regulation: Regulation
    rules: list[SaidRule]


class ShownRegulations(Answer):
    items: list[ShownRegulation]


@dataclass(frozen=True, kw_only=True)
class Speaking:
    """The town whose rules are said, and what says them in a language."""

    town: Town
    say: Callable[[str, Any], str]

    def rules(self, regulation: Regulation, programme_id: str) -> list[SaidRule]:
        programme = self.town.programmes.get(programme_id)
        names = {activity.code: activity.name for activity in programme.activities} if programme else {}
        words = Words(zone=self.town.calendar.zone, names=names)
        return [
            SaidRule(about=sentence.about, **{language: self.say(language, sentence.said) for language in LANGUAGES})
            for sentence in summary(regulation, words)
        ]


def regulation_of(found: Shown, speaking: Speaking) -> ShownRegulation:
    edition = found.edition
    return ShownRegulation(
        regulation_id=edition.id,
        programme_id=edition.programme_id,
        state=edition.state,
        version=edition.regulation.version,
        valid_from=edition.regulation.valid_from,
        based_on=edition.based_on,
        outdated=edition.state == "draft" and edition.based_on != found.in_force,
        revision=edition.revision,
        made=_signature(edition.made),
        changed=_signature(edition.changed),
        published=_signature(edition.published) if edition.published else None,
        regulation=edition.regulation,
        rules=speaking.rules(edition.regulation, edition.programme_id),
    )


def _signature(signed: Signed) -> ShownSignature:
    return ShownSignature(account_id=signed.by, at=signed.at)
