"""The kinds of letters about joining, the household's file, requests, and days in the services."""

from datetime import UTC, date, datetime
from typing import Any

from services.notifications.domain.household_letters import ASKED
from services.notifications.domain.letter_kinds.kind import Fact, LetterKind, told, when
from services.notifications.domain.paper import Desk
from services.notifications.domain.say import Say
from services.notifications.domain.town_letters import REASONS, decision_of, opening_of
from shared.contracts.households import ChangeAnswered, ReconfirmationAsked
from shared.contracts.identity import InvitationIssued
from shared.contracts.requests import AnswerWritten
from shared.contracts.requests_reminders import FamilyStillAwaited
from shared.contracts.reservations_by_town import DecisionWritten, DisruptionNoticed, NamedDay
from shared.contracts.reservations_of_waiting import WaitingOfferEnding, WaitingOfferLetter
from shared.contracts.reservations_weeks import RemindedDay, UsualWeekReminder
from shared.errors import N_

SCOPE = {"household_id": "hsh_sample", "municipality_id": "sample"}
CHILD = {"child_id": "chd_sample", "child_first_name": "Zoé"}
MEALS = {"activity_id": "sample.repas", "activity_name": "Repas"}
INVITATION = InvitationIssued(
    invitation_id="ivt_sample",
    municipality_id="sample",
    kind="family",
    email="anna@example.org",
    code="A1B2C3D4E5",
    expires_at=datetime(2026, 12, 20, 22, 59, tzinfo=UTC),
    addressee="famille Martin",
)
ANSWER = AnswerWritten(
    **SCOPE, request_id="req_sample", category_name="Autoriser une personne", decision="accepted", message="C'est noté."
)
DAY = NamedDay(**MEALS, child_id="chd_sample", first_name="Zoé", programme_id="sample.repas", date=date(2026, 11, 24))
DISRUPTION = DisruptionNoticed(
    **SCOPE,
    disruption_id="dsr_sample",
    kind="cancelled",
    reason="strike",
    message="Pas de restauration mardi, faute de personnel.",
    message_en="",
    days=(DAY,),
)
OFFER: dict[str, Any] = {
    **SCOPE,
    **CHILD,
    **MEALS,
    "programme_id": "sample.restaurant",
    "date": date(2026, 12, 2),
    "offer_id": "wof_sample",
    "expires_at": datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
}


def _child(event: Any, _: Desk) -> Any:
    return event.child_first_name or Say(N_("your child"))


def _decision(event: DecisionWritten, desk: Desk) -> Say:
    return decision_of(event, desk.town.name)


def _reason(event: DisruptionNoticed, _: Desk) -> Say:
    return Say(REASONS[event.reason])


def _outcome(event: DisruptionNoticed, desk: Desk) -> Say:
    return Say(opening_of(event), {"town": desk.town.name, "reason": _reason(event, desk)})


REASON = Fact(name="reason", label=N_("Why the town cancels"), value=_reason)
FIRST_NAME = Fact(name="child", label=N_("First name of the child"), value=_child)
CATEGORY = told("category", N_("Category of the request"), "category_name")
ACTIVITY = told("activity", N_("Name of the activity"), "activity_name")
DATE = told("date", N_("Day of the activity"))
UNTIL = when("until", N_("Until when an answer is possible"), "expires_at")


def _invitation(key: str, label: str) -> LetterKind:
    kind = key.removesuffix("-invitation")
    return LetterKind(
        key=key,
        label=label,
        contract=InvitationIssued,
        sample=INVITATION.model_copy(update={"kind": kind}),
        facts=(when("until", N_("Until when the code is valid"), "expires_at"),),
        applies=lambda event: event.kind == kind,
        keeps_notes=True,
    )


def _file_change(key: str, label: str, *, accepted: bool) -> LetterKind:
    return LetterKind(
        key=key,
        label=label,
        contract=ChangeAnswered,
        sample=ChangeAnswered(**SCOPE, change_id="chg_1", kind="custody", accepted=accepted, reason="Vu le dossier."),
        facts=(Fact(name="change", label=N_("What was asked"), value=lambda event, _: Say(ASKED[event.kind])),),
        applies=lambda event: event.accepted is accepted,
    )


FAMILY_KINDS = (
    _invitation("family-invitation", N_("Invitation of a family")),
    _invitation("guardian-invitation", N_("Invitation of the other guardian")),
    _invitation("agent-invitation", N_("Invitation of an agent")),
    _file_change("file-change-accepted", N_("Change of the family's file accepted"), accepted=True),
    _file_change("file-change-refused", N_("Change of the family's file refused"), accepted=False),
    LetterKind(
        key="reconfirmation",
        label=N_("Yearly reading of the family's file"),
        contract=ReconfirmationAsked,
        sample=ReconfirmationAsked(**SCOPE, until=date(2026, 12, 15), at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC)),
        facts=(told("until", N_("Day by which the file is to be confirmed")),),
    ),
    LetterKind(
        key="request-accepted",
        label=N_("Request accepted"),
        contract=AnswerWritten,
        sample=ANSWER,
        facts=(CATEGORY,),
        applies=lambda event: event.decision == "accepted",
    ),
    LetterKind(
        key="request-refused",
        label=N_("Request refused"),
        contract=AnswerWritten,
        sample=ANSWER.model_copy(update={"decision": "refused", "message": "Il manque une signature."}),
        facts=(CATEGORY,),
        applies=lambda event: event.decision == "refused",
    ),
    LetterKind(
        key="request-still-waits",
        label=N_("Request that waits for the family"),
        contract=FamilyStillAwaited,
        sample=FamilyStillAwaited(
            **SCOPE,
            request_id="req_sample",
            category_name="Justificatif de quotient familial",
            asked_at=datetime(2026, 11, 13, 9, 0, tzinfo=UTC),
            step=1,
        ),
        facts=(CATEGORY, when("asked_at", N_("When the town asked"), "asked_at")),
    ),
    LetterKind(
        key="usual-week-missed",
        label=N_("Usual week not booked"),
        contract=UsualWeekReminder,
        sample=UsualWeekReminder(
            **SCOPE,
            **CHILD,
            reminder_id="rem_sample",
            programme_id="sample.restaurant",
            programme_name="Restaurant scolaire",
            days=(RemindedDay(activity_name="Repas", date=date(2026, 11, 30)),),
            until=datetime(2026, 11, 26, 9, 0, tzinfo=UTC),
            token="sample",
        ),
        facts=(
            FIRST_NAME,
            told("programme", N_("Name of the programme"), "programme_name"),
            when("until", N_("Until when the days can be booked"), "until"),
        ),
        keeps_notes=True,
    ),
    LetterKind(
        key="waiting-place-offered",
        label=N_("Place offered to a child on the waiting list"),
        contract=WaitingOfferLetter,
        sample=WaitingOfferLetter(**OFFER, prepaid=False, token="sample"),
        facts=(FIRST_NAME, ACTIVITY, DATE, UNTIL),
        keeps_notes=True,
    ),
    LetterKind(
        key="waiting-offer-ending",
        label=N_("Offered place about to go to another child"),
        contract=WaitingOfferEnding,
        sample=WaitingOfferEnding(**OFFER),
        facts=(FIRST_NAME, ACTIVITY, DATE, UNTIL),
    ),
    LetterKind(
        key="days-decided",
        label=N_("Decision on days asked for"),
        contract=DecisionWritten,
        sample=DecisionWritten(
            **SCOPE,
            child_id="chd_sample",
            programme_id="sample.restaurant",
            asked="book",
            accepted=True,
            refund=False,
            days=(DAY,),
            message="Il reste une place.",
        ),
        facts=(Fact(name="decision", label=N_("What was decided"), value=_decision),),
        needs=("decision",),
        keeps_notes=True,
    ),
    LetterKind(
        key="days-cancelled",
        label=N_("Days cancelled by the town hall"),
        contract=DisruptionNoticed,
        sample=DISRUPTION,
        facts=(REASON,),
        applies=lambda event: event.kind == "cancelled",
        keeps_notes=True,
    ),
    LetterKind(
        key="days-restored",
        label=N_("Cancellation taken back"),
        contract=DisruptionNoticed,
        sample=DISRUPTION.model_copy(update={"kind": "restored"}),
        facts=(REASON, Fact(name="outcome", label=N_("Whether the days are booked again"), value=_outcome)),
        needs=("outcome",),
        applies=lambda event: event.kind == "restored",
        keeps_notes=True,
    ),
)
