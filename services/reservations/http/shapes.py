"""Shapes several routes share: local dates, ids, and refusals inside an answer."""

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BeforeValidator, Field, StringConstraints

from services.reservations.domain.entry import Outcome
from services.reservations.domain.late import Effect, LateTier, Surcharge
from shared.errors import Refused
from shared.problems import CATALOGUES, describe, language_of
from shared.web import Answer

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Month = Annotated[str, StringConstraints(pattern=r"^2[01][0-9]{2}-(0[1-9]|1[0-2])$")]
PageSize = Annotated[int, Field(ge=1, le=500)]


def _one_or_several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


# A query parameter that may be given again and again.
Several = Annotated[tuple[Id, ...], BeforeValidator(_one_or_several), Field(max_length=100)]


class ShownRefusal(Answer):
    """Why one line or day is not possible: a problem document without `instance`."""

    type: str
    title: str
    status: int
    detail: str
    next: str | None = None
    rule: str | None = None
    rule_version: int | None = None
    limit: str | None = None
    waiting_list: bool | None = None
    next_href: str | None = None


class ShownLate(Answer):
    """Done after its deadline, under this rule of the regulation. `effect`: `surcharge` on the price, in percent or in
    cents; `agent_approval` is waited for; `charged`: cancelled, and to be paid.
    """

    rule: str
    effect: Literal["surcharge", "agent_approval", "charged"]
    surcharge_percent: int | None
    surcharge_cents: int | None


def shown_tier(tier: LateTier | None) -> ShownLate | None:
    if tier is None:
        return None
    return ShownLate(
        rule=tier.id,
        effect=tier.effect,
        surcharge_percent=tier.surcharge.percent if tier.surcharge else None,
        surcharge_cents=tier.surcharge.cents if tier.surcharge else None,
    )


def shown_late(rule: str, outcome: Outcome, surcharge: Surcharge | None) -> ShownLate | None:
    """Of a line that was done."""
    if not rule:
        return None
    effect: Effect = "surcharge" if surcharge else "charged" if outcome == "cancelled" else "agent_approval"
    return shown_tier(LateTier(id=rule, effect=effect, surcharge=surcharge))


def shown(refusal: Refused | None, request: web.Request) -> ShownRefusal | None:
    """The refusal in the caller's language."""
    if refusal is None:
        return None
    return ShownRefusal(**describe(refusal, request.app[CATALOGUES], language_of(request)))


def told(refusal: Refused, request: web.Request) -> ShownRefusal:
    return ShownRefusal(**describe(refusal, request.app[CATALOGUES], language_of(request)))
