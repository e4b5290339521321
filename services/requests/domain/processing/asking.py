"""The town asks a family for more, and the family sends it.

Meanwhile the town's own time stands still: what a person has to complete suspends the time an administration has
(code des relations entre le public et l'administration, art. L114-5).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.requests.domain.answers import errors_in, size_errors, without_blanks
from services.requests.domain.asked import asked_only, fields_asked
from services.requests.domain.records import Asking, Sending
from services.requests.domain.refusals import AnswersRefused, FieldError, RequestIncomplete, field_error
from services.requests.domain.refusals_of_processing import NotAsked, NothingAsked, UnknownItems
from services.requests.domain.requests import Request
from services.requests.domain.working_days import Office
from shared.contracts.requests_reminders import FamilyStillAwaited
from shared.contracts.requests_workflow import AskingWritten, MoreAsked, RequestCompleted
from shared.errors import N_

MISSING = N_("“%(title)s” is missing.")


def asked_for_more(
    request: Request,
    message: str,
    *,
    fields: Sequence[str],
    slots: Sequence[str],
    by: str,
    now: datetime,
    office: Office,
) -> tuple[Request, tuple[MoreAsked, AskingWritten]]:
    """The request waits for its family. Asking once more replaces what was asked before.

    Raises `UnknownItems`, `NotFiledYet`, `AlreadyAnswered`, `AlreadyWithdrawn`.
    """
    request.check_running(office.zone)
    fields, slots = tuple(dict.fromkeys(fields)), tuple(dict.fromkeys(slots))
    if errors := list(_unknown(request, fields, slots)):
        raise UnknownItems(errors)
    asking = Asking(at=now, message=message, fields=fields, slots=slots, days_left=_days_left(request, office, now))
    after = replace(
        request.stepped("agent", "asked", "waiting_for_family", now, by, message),
        asking=asking,
        asked_slots=slots,
        due_on=None,
    )
    return after, (
        MoreAsked(**request.ids, category_id=request.category.id, fields=fields, slots=slots),
        AskingWritten(
            **request.ids,
            category_name=request.category.name,
            message=message,
            wanted=tuple(title for _, title in wanted(after)),
        ),
    )


def wanted(request: Request) -> Iterator[tuple[str, str]]:
    """What is asked for, as the family knows it: name and title."""
    asking = request.asking or Asking(at=request.created_at, message="")
    properties = request.category.form.get("properties", {})
    for name in asking.fields:
        yield name, str(properties[name].get("title", name))
    for slot in request.category.slots:
        if slot.id in asking.slots:
            yield slot.id, slot.name


def _unknown(request: Request, fields: Sequence[str], slots: Sequence[str]) -> Iterator[FieldError]:
    known = {slot.id for slot in request.category.slots}
    for place, names, there in (
        ("fields", fields, request.category.form.get("properties", {})),
        ("slots", slots, known),
    ):
        for name in names:
            if name not in there:
                yield field_error("body", place, N_("The form has no field “%(name)s”."), name=name)


def _days_left(request: Request, office: Office, now: datetime) -> int | None:
    if request.asking:
        return request.asking.days_left
    return office.between(office.today(now), request.due_on) if request.due_on else None


def revised(request: Request, answers: Mapping[str, Any]) -> Request:
    """With other answers to what is asked; the form stays complete.

    Raises `NothingAsked`, `NotAsked`, `AnswersRefused`.
    """
    if request.asking is None:
        raise NothingAsked()
    form, wording = request.category.form, request.category.wording
    if errors := size_errors(answers):
        raise AnswersRefused(errors)
    given = asked_only(without_blanks(answers), form)
    names = given.keys() | request.answers.keys()
    changed = sorted(name for name in names if given.get(name) != request.answers.get(name))
    if others := [name for name in changed if name not in request.asking.fields and not _follows(name, given, request)]:
        message = N_("The town hall did not ask for this anew.")
        raise NotAsked([field_error("body", f"answers.{name}", message) for name in others])
    if errors := errors_in(given, form, complete=True, wording=wording):
        raise AnswersRefused(errors)
    return replace(request, answers=given, version=request.version + 1)


def _follows(name: str, given: Mapping[str, Any], request: Request) -> bool:
    """By a condition of the form: another answer leaves the field out now, or asks for it."""
    form = request.category.form
    return (name in fields_asked(given, form)) != (name in fields_asked(request.answers, form))


def still_missing(request: Request) -> list[FieldError]:
    """Of what is asked: fields without an answer, documents not sent since."""
    if request.asking is None:
        return []
    titles, since = dict(wanted(request)), request.asking.at
    fields = [name for name in request.asking.fields if name not in request.answers]
    kept = request.attachments
    slots = [name for name in request.asking.slots if name not in kept or kept[name].added_at < since]
    return [
        *(field_error("answers", name, MISSING, title=titles[name]) for name in fields),
        *(field_error("attachments", name, MISSING, title=titles[name]) for name in slots),
    ]


def completed(
    request: Request, message: str, sent: Sending, account_id: str, now: datetime, office: Office
) -> tuple[Request, RequestCompleted]:
    """Back to the town, whose time goes on. Raises `NothingAsked`, `RequestIncomplete`."""
    asking = request.asking
    if asking is None:
        raise NothingAsked()
    if missing := [*still_missing(request), *request.missing()]:
        raise RequestIncomplete(missing)
    days = asking.days_left
    due_on = None if days is None else office.after(office.today(now), max(days, 1))
    after = replace(
        request.stepped("guardian", "completed", "in_progress", now, account_id, message, sent=sent, due_on=due_on),
        asking=None,
        asked_slots=(),
        due_on=due_on,
        overdue_told=False,
    )
    return after, RequestCompleted(**request.ids, category_id=request.category.id)


def reminded(request: Request, step: int) -> tuple[Request, FamilyStillAwaited]:
    """The family is reminded of what it is asked for, for the n-th time (from 1). Raises `NothingAsked`."""
    if request.asking is None:
        raise NothingAsked()
    asking = replace(request.asking, reminders=step)
    told = FamilyStillAwaited(**request.ids, category_name=request.category.name, asked_at=asking.at, step=step)
    return replace(request, asking=asking, version=request.version + 1), told
