"""What a quotient would change: the least a family could pay, and the prices before and after."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.billing.domain.families import Quotient
from services.billing.domain.money import half_up
from services.billing.domain.prices import price_for, price_list
from services.billing.domain.tariffs import Situation, Tariff
from services.billing.domain.tariffs.payers import Payer
from shared.contracts.billing_quotients import ChangedPrice

Days = Mapping[tuple[str, str], int]
"""How many days, by child and activity."""


def most_saved(tariff: Tariff, payer: Payer, days: Days, day: date) -> int:
    """Cents that many days would cost less with the lowest quotient there can be."""
    poorest = with_only(payer, Decimal(0), day)
    saved = Decimal(0)
    for (child_id, activity_id), count in days.items():
        situation = Situation(child_id=child_id, activity_id=activity_id, day=day)
        now, then = price_for(tariff, payer, situation), price_for(tariff, poorest, situation)
        if now and then:
            saved += max(Decimal(0), now.cents - then.cents) * count
    return half_up(saved)


def changed_prices(
    tariff: Tariff, payer: Payer, before: Decimal | None, after: Decimal, day: date
) -> tuple[ChangedPrice, ...]:
    """Those of every child that differ between two quotients."""
    was = _prices(tariff, with_only(payer, before, day), day)
    now = _prices(tariff, with_only(payer, after, day), day)
    return tuple(
        ChangedPrice(activity_id=name, before_cents=was[name], after_cents=now[name])
        for name in sorted(was.keys() & now.keys())
        if was[name] != now[name]
    )


def _prices(tariff: Tariff, payer: Payer, day: date) -> dict[str, int]:
    listed = price_list(tariff, payer, payer.family.household_id or "", day)
    return {price.activity_id: price.cents for price in listed.prices if price.child_id is None}


def with_only(payer: Payer, value: Decimal | None, day: date) -> Payer:
    """The same family as if that were its quotient from that day on, and the only one."""
    quotients = () if value is None else (Quotient(effective_on=day, value=value),)
    return replace(payer, family=replace(payer.family, quotients=quotients))
