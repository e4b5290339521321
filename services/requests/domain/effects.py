"""What an accepted request does in other services: an absence is proven, a child is to be enrolled, a bill corrected.

A category says which of its fields hold the days and the codes other services need. Only dates and choices the town
wrote itself may travel: a family's own words never leave with the fact.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, TypeAlias

from services.requests.domain.forms import Form
from services.requests.domain.problems import Problem
from services.requests.domain.refusals import EffectIncomplete, FieldError, field_error
from shared.errors import N_

Kind: TypeAlias = Literal["absence_proof", "enrolment", "contest", "quotient", "pickup", "mandate"]
DAYS = ("starts", "ends")
LATE_PROOF = "late_proof"
CONTEST: Kind = "contest"
QUOTIENT: Kind = "quotient"
PICKUP: Kind = "pickup"
MANDATE: Kind = "mandate"
OF_THE_HOUSEHOLD: frozenset[Kind] = frozenset({CONTEST, QUOTIENT, MANDATE})
TOLD_APART: frozenset[Kind] = frozenset({QUOTIENT, PICKUP, MANDATE})
"""Whose facts are personal: told to the one service that acts on them, never with the answer."""
TEXTS = ("invoice", "line", "trail", "words")
"""What billing fills in of a contested line: the piece's number, the line's place, its trail, the family's words."""
KNOWN: Mapping[Kind, tuple[str, ...]] = {
    "absence_proof": DAYS,
    "enrolment": (*DAYS, "programme", "site", "group", "category"),
    CONTEST: TEXTS,
    # Read off the proof by the agent who accepts it: a family's own word is no proof.
    QUOTIENT: (),
    PICKUP: (*DAYS, "first_name", "last_name", "phone", "relationship"),
    MANDATE: ("iban", "holder", "cash_office", "signed_on"),
}
NEEDED: Mapping[Kind, tuple[str, ...]] = {
    "absence_proof": DAYS,
    "enrolment": ("starts", "programme", "site"),
    CONTEST: (),
    QUOTIENT: (),
    PICKUP: ("first_name", "last_name", "phone"),
    MANDATE: ("iban", "holder", "cash_office"),
}
WRITTEN = frozenset({"first_name", "last_name", "phone", "holder", "iban"})
"""What only the family can say: no form, no request."""
ON_A_DAY = (*DAYS, "signed_on")
TITLES = {
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "phone": N_("Telephone"),
    "iban": N_("Account number (IBAN)"),
    "holder": N_("Account holder"),
    "cash_office": N_("Cash office"),
    "starts": N_("First day"),
    "ends": N_("Last day"),
    "programme": N_("Programme"),
    "site": N_("Site"),
}


@dataclass(frozen=True, kw_only=True)
class Effect:
    """`fields`: which field of the form says what; `values`: what is the same for every request."""

    kind: Kind
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is told of an accepted request."""

    kind: Kind
    starts: date
    ends: date | None
    facts: Mapping[str, str]


def effect_problems(effect: Effect, form: Form, *, about_child: bool) -> Iterator[Problem]:
    """What is wrong with a category's effect, given its form."""
    if not about_child and effect.kind not in OF_THE_HOUSEHOLD:
        yield "kind", N_("Only a request about a child can have this effect."), {}
    for name in sorted((effect.fields.keys() | effect.values.keys()) - set(KNOWN[effect.kind])):
        yield name, N_("“%(name)s” is nothing this effect knows."), {"name": name}
    for name, used in effect.fields.items():
        yield from _field_problems(name, used, form)
    for name in sorted(WRITTEN & set(NEEDED[effect.kind]) - effect.fields.keys()):
        yield f"fields.{name}", N_("This effect needs a field of the form for “%(name)s”."), {"name": name}
    for name in (*ON_A_DAY, *sorted(WRITTEN)):
        if name in effect.values:
            yield f"values.{name}", N_("This is said by a field of the form."), {}


def _field_problems(name: str, used: str, form: Form) -> Iterator[Problem]:
    properties = form.get("properties", {})
    found = properties.get(used) if isinstance(properties, Mapping) else None
    place = f"fields.{name}"
    if not isinstance(found, Mapping):
        yield place, N_("The form has no field “%(name)s”."), {"name": used}
    elif name in ON_A_DAY and found.get("format") != "date":
        yield place, N_("“%(name)s” must be a date."), {"name": used}
    elif name == "iban" and found.get("format") != "iban":
        yield place, N_("“%(name)s” must be an account number (format “iban”)."), {"name": used}
    elif name in TEXTS or name in WRITTEN:
        if found.get("type") != "string" or _is_choice(found):
            yield place, N_("“%(name)s” must be a text."), {"name": used}
    elif name == "relationship":
        if found.get("type") != "string":
            yield place, N_("“%(name)s” must be a text."), {"name": used}
    elif name not in ON_A_DAY and not _is_choice(found):
        yield place, N_("“%(name)s” must be a choice among the town’s own codes."), {"name": used}


def _is_choice(found: Mapping[str, Any]) -> bool:
    return found.get("type") == "string" and ("enum" in found or "oneOf" in found)


def turned_round(effect: Effect | None, answers: Mapping[str, Any]) -> list[FieldError]:
    """The last day comes before the first."""
    if effect is None:
        return []
    first, last = (str(answers.get(effect.fields.get(name, ""), "")) for name in DAYS)
    if first and last and last < first:
        return [field_error("answers", effect.fields["ends"], N_("The last day comes before the first."))]
    return []


def outcome(effect: Effect, answers: Mapping[str, Any], given: Mapping[str, str]) -> Outcome:
    """What the answers say, corrected by what the agent gives. Raises `EffectIncomplete` with all that is missing."""
    answered = {name: str(answers[used]) for name, used in effect.fields.items() if used in answers}
    known = {**effect.values, **answered, **given}
    errors = [_missing(name) for name in NEEDED[effect.kind] if not known.get(name)]
    errors += [_unknown(name) for name in given if name not in (*KNOWN[effect.kind], LATE_PROOF)]
    starts, ends = known.pop("starts", ""), known.pop("ends", "")
    if starts and ends and ends < starts:
        errors.append(field_error("body", "ends", N_("The last day comes before the first.")))
    if errors:
        raise EffectIncomplete(errors)
    return Outcome(
        kind=effect.kind,
        starts=date.fromisoformat(starts),
        ends=date.fromisoformat(ends) if ends else None,
        facts={name: value for name, value in known.items() if value},
    )


def _missing(name: str) -> FieldError:
    return field_error("body", name, N_("“%(title)s” is missing."), title=TITLES[name])


def _unknown(name: str) -> FieldError:
    return field_error("body", f"facts.{name}", N_("“%(name)s” is nothing this effect knows."), name=name)
