"""A request: begun by a family, filed with all it needs, answered once by the town."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from services.requests.domain.answers import errors_in, without_blanks
from services.requests.domain.categories import Category
from services.requests.domain.effects import CONTEST, QUOTIENT, outcome, turned_round
from services.requests.domain.files import Kind
from services.requests.domain.quotients import quotient_accepted
from services.requests.domain.refusals import (
    AlreadyAnswered,
    AlreadyFiled,
    AnswersRefused,
    FieldError,
    NoEffect,
    NotFiledYet,
    RequestIncomplete,
    field_error,
)
from shared.contracts.requests import AnswerWritten, Decision, QuotientAccepted, RequestAnswered, RequestFiled
from shared.errors import N_

State = Literal["draft", "filed", "accepted", "refused"]
STATES: tuple[State, ...] = ("draft", "filed", "accepted", "refused")

DRAFT_LIFE = timedelta(days=30)
"""After the last change; then the draft and its documents go."""
MOST_DRAFTS = 20


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """The document in a slot. `file_id` is random and known to nobody outside."""

    file_id: str
    kind: Kind
    bytes: int
    added_at: datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A step of the history. `account_id` is kept for the record and shown to nobody."""

    who: Literal["guardian", "agent"]
    at: datetime
    state: State
    account_id: str
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """`category` is a copy, at the version the request was begun with."""

    id: str
    household_id: str
    municipality_id: str
    category: Category
    child_id: str | None
    answers: Mapping[str, Any]
    created_at: datetime
    history: tuple[Entry, ...]
    state: State = "draft"
    attachments: Mapping[str, Attachment] = field(default_factory=dict)
    filed_at: datetime | None = None
    answered_at: datetime | None = None
    concerns: str = ""
    """What another service had it opened for, by its id."""
    version: int = 1

    def answering(self, answers: Mapping[str, Any], zone: ZoneInfo) -> "Request":
        """The draft with other answers. Raises `AlreadyFiled`, `AnswersRefused`."""
        self.check_draft(zone)
        return replace(self, answers=fitting(answers, self.category), version=self.version + 1)

    def check_draft(self, zone: ZoneInfo) -> None:
        """Raises `AlreadyFiled`, with the instant in the town's zone."""
        if self.filed_at:
            raise AlreadyFiled(filed_at=self.filed_at.astimezone(zone))

    def missing(self) -> list[FieldError]:
        """What a submission would refuse now: answers and documents."""
        answers = errors_in(self.answers, self.category.form, complete=True, where="answers")
        answers += turned_round(self.category.effect, self.answers)
        slots = [slot for slot in self.category.slots if slot.mandatory and slot.id not in self.attachments]
        return answers + [
            field_error("attachments", slot.id, N_("“%(title)s” is missing."), title=slot.name) for slot in slots
        ]

    def filed(self, account_id: str, now: datetime, zone: ZoneInfo) -> tuple["Request", RequestFiled]:
        """Raises `AlreadyFiled`, `RequestIncomplete` with all that is missing."""
        self.check_draft(zone)
        if missing := self.missing():
            raise RequestIncomplete(missing)
        step = Entry(who="guardian", at=now, state="filed", account_id=account_id)
        filed = replace(self, state="filed", filed_at=now, history=(*self.history, step), version=self.version + 1)
        return filed, RequestFiled(
            request_id=self.id,
            household_id=self.household_id,
            municipality_id=self.municipality_id,
            category_id=self.category.id,
            concerns=self.concerns,
        )

    def answered(
        self,
        decision: Decision,
        message: str,
        account_id: str,
        now: datetime,
        zone: ZoneInfo,
        *,
        given: Mapping[str, str] | None = None,
    ) -> tuple["Request", RequestAnswered, AnswerWritten]:
        """Once only. `given`: what the agent says of its effect beside, or in place of, the family's answers.

        Raises `NotFiledYet`, `AlreadyAnswered`, `EffectIncomplete`, `NoEffect`.
        """
        if self.answered_at:
            raise AlreadyAnswered(answered_at=self.answered_at.astimezone(zone))
        if not self.filed_at:
            raise NotFiledYet()
        step = Entry(who="agent", at=now, state=decision, account_id=account_id, message=message)
        done = replace(self, state=decision, answered_at=now, history=(*self.history, step), version=self.version + 1)
        ids = {"request_id": self.id, "household_id": self.household_id, "municipality_id": self.municipality_id}
        effect = self._effect(decision, given or {})
        told = RequestAnswered.model_validate({**ids, "category_id": self.category.id, "decision": decision, **effect})
        return done, told, AnswerWritten(**ids, category_name=self.category.name, decision=decision, message=message)

    def accepted_quotient(self, given: Mapping[str, str], zone: ZoneInfo) -> QuotientAccepted | None:
        """What the agent read off the proof, where the request is about that. Raises `EffectIncomplete`."""
        effect = self.category.effect
        if effect is None or effect.kind != QUOTIENT or not self.filed_at:
            return None
        ids = {"request_id": self.id, "household_id": self.household_id, "municipality_id": self.municipality_id}
        return quotient_accepted(ids, given, self.filed_at, zone)

    def _effect(self, decision: Decision, given: Mapping[str, str]) -> dict[str, Any]:
        """What other services are told of it beside the decision."""
        effect = self.category.effect
        if effect and effect.kind == QUOTIENT:
            # Told by itself, to services only.
            return {"concerns": self.concerns}
        if effect is None or effect.kind == CONTEST:
            if given:
                raise NoEffect()
            return {"concerns": self.concerns}
        child_ids = (self.child_id,) if self.child_id else ()
        known = {"effect": effect.kind, "child_ids": child_ids, "filed_at": self.filed_at}
        if decision == "refused":
            return known
        found = outcome(effect, self.answers, given)
        return {**known, "starts": found.starts, "ends": found.ends, "facts": dict(found.facts)}


def fitting(answers: Mapping[str, Any], category: Category) -> dict[str, Any]:
    """Answers as a draft keeps them: without blanks, maybe incomplete, each fitting the form.

    Raises `AnswersRefused`.
    """
    given = without_blanks(answers)
    if errors := errors_in(given, category.form, complete=False):
        raise AnswersRefused(errors)
    return given
