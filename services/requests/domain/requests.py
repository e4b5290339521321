"""A request: begun by a family, filed with all it needs, answered by the town.

What happens between filing and answer, and after it, is in `processing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.requests.domain.answers import errors_in, size_errors, without_blanks
from services.requests.domain.asked import asked_only
from services.requests.domain.categories import Category
from services.requests.domain.checklists import Held
from services.requests.domain.effects import CONTEST, TOLD_APART, outcome, turned_round
from services.requests.domain.records import (
    RUNNING,
    STATES,
    Asking,
    Assignee,
    Attachment,
    Entry,
    Message,
    Note,
    State,
    What,
    Who,
)
from services.requests.domain.refusals import (
    AlreadyAnswered,
    AlreadyFiled,
    AlreadyWithdrawn,
    AnswersRefused,
    FieldError,
    NoEffect,
    NotFiledYet,
    RequestIncomplete,
    field_error,
)
from shared.contracts.requests import AnswerWritten, Decision, RequestAnswered, RequestFiled
from shared.errors import N_

__all__ = ["DRAFT_LIFE", "MOST_DRAFTS", "STATES", "Attachment", "Entry", "Request", "State", "fitting"]

DRAFT_LIFE = timedelta(days=30)
"""After the last change; then the draft and its documents go."""
MOST_DRAFTS = 20


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
    withdrawn_at: datetime | None = None
    assigned: Assignee | None = None
    asking: Asking | None = None
    """What the family is asked for while the request waits for it."""
    asked_slots: tuple[str, ...] = ()
    """Slots the family may fill anew meanwhile."""
    emptied_slots: Mapping[str, datetime] = field(default_factory=dict)
    """Slots whose document the antivirus removed, and when; the family fills them again. A file of a message likewise,
    by its own id."""
    held: Mapping[str, Held] = field(default_factory=dict)
    """Slots not asked for, since the town has verified such a document (`checklists`)."""
    messages: tuple[Message, ...] = ()
    notes: tuple[Note, ...] = ()
    due_on: date | None = None
    """Until when the town means to answer; None where it promised nothing, and while it waits for the family."""
    overdue_told: bool = False
    step: str = ""
    """How far it is in the workflow of its category."""
    decisions: int = 0
    read_by_family: int = 0
    """The version the household has seen; the next likewise of the town's agents, all together."""
    read_by_agents: int = 0
    version: int = 1

    @property
    def ids(self) -> dict[str, str]:
        """As every event about it carries them."""
        return {
            "request_id": self.id,
            "household_id": self.household_id,
            "municipality_id": self.municipality_id,
        }

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    def stepped(
        self, who: Who, what: What, state: State, at: datetime, account_id: str, /, message: str = "", **step: Any
    ) -> "Request":
        """The request after one more step of its history, at its next version."""
        version = self.version + 1
        entry = Entry(
            who=who, what=what, state=state, at=at, account_id=account_id, message=message, version=version, **step
        )
        return replace(self, state=state, history=(*self.history, entry), version=version)

    def check_running(self, zone: ZoneInfo) -> None:
        """The town owes an answer. Raises `NotFiledYet`, `AlreadyAnswered`, `AlreadyWithdrawn`."""
        if self.withdrawn_at:
            raise AlreadyWithdrawn(withdrawn_at=self.withdrawn_at.astimezone(zone))
        if self.answered_at:
            raise AlreadyAnswered(answered_at=self.answered_at.astimezone(zone))
        if not self.filed_at:
            raise NotFiledYet()

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
        answers = errors_in(
            self.answers, self.category.form, complete=True, where="answers", wording=self.category.wording
        )
        answers += turned_round(self.category.effect, self.answers)
        there = self.attachments.keys() | self.held.keys()
        slots = [slot for slot in self.category.slots if slot.mandatory and slot.id not in there]
        return answers + [
            field_error("attachments", slot.id, N_("“%(title)s” is missing."), title=slot.name) for slot in slots
        ]

    def filed(self, account_id: str, now: datetime, zone: ZoneInfo) -> tuple["Request", RequestFiled]:
        """Raises `AlreadyFiled`, `RequestIncomplete` with all that is missing."""
        self.check_draft(zone)
        if missing := self.missing():
            raise RequestIncomplete(missing)
        filed = replace(self.stepped("guardian", "filed", "filed", now, account_id), filed_at=now)
        return filed, RequestFiled(**self.ids, category_id=self.category.id, concerns=self.concerns)

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
        """Once, unless it is reopened. `given`: what the agent says of its effect beside, or in place of, the family's
        answers.

        Raises `NotFiledYet`, `AlreadyAnswered`, `AlreadyWithdrawn`, `EffectIncomplete`, `NoEffect`.
        """
        self.check_running(zone)
        done = replace(
            self.stepped("agent", decision, decision, now, account_id, message),
            answered_at=now,
            decisions=self.decisions + 1,
            asking=None,
            asked_slots=(),
            due_on=None,
        )
        effect = self._effect(decision, given or {})
        known = {"category_id": self.category.id, "decision": decision, "decision_number": done.decisions}
        told = RequestAnswered.model_validate({**self.ids, **known, **effect})
        written = AnswerWritten(**self.ids, category_name=self.category.name, decision=decision, message=message)
        return done, told, written

    def _effect(self, decision: Decision, given: Mapping[str, str]) -> dict[str, Any]:
        """What other services are told of it beside the decision."""
        effect = self.category.effect
        if effect and effect.kind in TOLD_APART:
            # By `apart`, to services only.
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
    """Answers as a draft keeps them: without blanks and what the others leave out, maybe incomplete, each fitting the
    form.

    Raises `AnswersRefused`.
    """
    given = without_blanks(answers)
    if errors := size_errors(given):
        raise AnswersRefused(errors)
    asked = asked_only(given, category.form)
    if errors := errors_in(asked, category.form, complete=False, wording=category.wording):
        raise AnswersRefused(errors)
    return asked
