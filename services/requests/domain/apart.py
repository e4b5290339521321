"""What an answer tells one service alone, between services: quotients, persons and accounts are a family's own."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.requests.domain.effects import (
    DAYS,
    MANDATE,
    NEEDED,
    PICKUP,
    QUOTIENT,
    TITLES,
    TOLD_APART,
    Effect,
)
from services.requests.domain.quotients import quotient_accepted
from services.requests.domain.refusals import EffectIncomplete, FieldError, field_error
from services.requests.domain.requests import Request
from shared.contracts import Event
from shared.contracts.requests import Decision
from shared.contracts.requests_effects import MandateDecided, PickupDecided
from shared.errors import N_
from shared.text import tidy

GIVEN: Mapping[str, tuple[str, ...]] = {PICKUP: DAYS, MANDATE: ("cash_office",)}
"""What an agent may say in place of the family: its own words are not theirs to change."""


def told_apart(request: Request, decision: Decision, given: Mapping[str, str], zone: ZoneInfo) -> tuple[Event, ...]:
    """Of a request as it is once decided; nothing where the answer says all. A refusal is told where it takes an
    acceptance back.

    Raises `EffectIncomplete`.
    """
    effect = request.category.effect
    if effect is None or effect.kind not in TOLD_APART or request.filed_at is None:
        return ()
    if effect.kind == QUOTIENT:
        # Taken back by the answer itself: what billing keeps of it names the request.
        return (quotient_accepted(request.ids, given, request.filed_at, zone),) if decision == "accepted" else ()
    if decision == "refused":
        return (_refused(request, effect),) if request.decisions > 1 else ()
    said = _said(request, effect, given)
    first_day = request.filed_at.astimezone(zone).date().isoformat()
    return (_pickup(request, said, first_day) if effect.kind == PICKUP else _mandate(request, said, first_day),)


def _refused(request: Request, effect: Effect) -> Event:
    kind = PickupDecided if effect.kind == PICKUP else MandateDecided
    return kind.model_validate({**request.ids, "decision": "refused"})


def _pickup(request: Request, said: Mapping[str, str], first_day: str) -> PickupDecided:
    told: dict[str, Any] = {
        **request.ids,
        "decision": "accepted",
        "child_ids": (request.child_id,) if request.child_id else (),
        "valid_from": said.get("starts", first_day),
        "valid_until": said.get("ends"),
    }
    words = {name: tidy(said.get(name, "")) for name in ("first_name", "last_name", "phone", "relationship")}
    return PickupDecided.model_validate({**told, **words})


def _mandate(request: Request, said: Mapping[str, str], first_day: str) -> MandateDecided:
    return MandateDecided(
        **request.ids,
        decision="accepted",
        cash_office_id=said["cash_office"],
        iban="".join(said["iban"].split()).upper(),
        holder=tidy(said["holder"]),
        signed_on=date.fromisoformat(said.get("signed_on", first_day)),
    )


def _said(request: Request, effect: Effect, given: Mapping[str, str]) -> dict[str, str]:
    """The answers by what they are to the effect, choices by their labels. Raises `EffectIncomplete`."""
    fields, answers = request.category.form.get("properties", {}), request.answers
    answered = {
        name: _label(fields.get(used, {}), str(answers[used])) if name == "relationship" else str(answers[used])
        for name, used in effect.fields.items()
        if used in answers
    }
    said = {**effect.values, **answered, **given}
    missing = [name for name in NEEDED[effect.kind] if not said.get(name)]
    errors: list[FieldError] = [
        field_error("body", f"effect.facts.{name}", N_("“%(title)s” is missing."), title=TITLES[name])
        for name in missing
    ]
    message = N_("“%(name)s” is nothing this effect knows.")
    strange = [name for name in given if name not in GIVEN[effect.kind]]
    errors += [field_error("body", f"effect.facts.{name}", message, name=name) for name in strange]
    starts, ends = said.get("starts", ""), said.get("ends", "")
    if starts and ends and ends < starts:
        errors.append(field_error("body", "effect.ends", N_("The last day comes before the first.")))
    if errors:
        raise EffectIncomplete(errors)
    return {name: value for name, value in said.items() if value}


def _label(field: Mapping[str, Any], value: str) -> str:
    titles = {str(choice["const"]): str(choice["title"]) for choice in field.get("oneOf", ())}
    return titles.get(value, value)
