"""A price in words a family can check: what it came from, what changed it, how it was rounded."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from services.billing.domain.money import half_up
from services.billing.domain.prices import Price
from shared.errors import N_, Listed, Said
from shared.money import Cents


def explain(price: Price) -> Listed:
    """Sentences in the order in which the price was made; a door says them in the reader's language."""
    return Listed(parts=tuple(_sentences(price)), by="sentence")


def _sentences(price: Price) -> Iterator[Said]:
    yield Said(
        msgid=N_("Grid %(grid)s, version %(version)s."),
        facts={"grid": price.grid_id.partition(".")[2], "version": price.grid_version},
    )
    yield _base(price)
    if price.minutes is not None and price.base_cents is not None:
        counted = {"minutes": price.minutes, "units": float(price.units), "each": money(price.base_cents)}
        yield Said(msgid=N_("%(minutes)s minutes count for %(units)s units of %(each)s."), facts=counted)
    for step in price.steps:
        changed = {"reason": step.reason, "before": money(step.before), "after": money(step.after)}
        yield Said(msgid=N_("%(reason)s: %(before)s becomes %(after)s."), facts=changed)
    if price.surcharge_cents:
        yield Said(msgid=N_("For booking late: %(cents)s more."), facts={"cents": money(price.surcharge_cents)})
    if price.cents != price.cents.to_integral_value():
        rounded = {"exact": money(price.cents), "cents": Cents(half_up(price.cents))}
        yield Said(msgid=N_("%(exact)s for one, rounded to %(cents)s."), facts=rounded)


def _base(price: Price) -> Said:
    cents = {"cents": money(price.cents if price.base_cents is None else price.base_cents)}
    # Prices stored before bases were kept do not say whether a quotient was asked for.
    asked = price.base_cents is None or price.quotient is not None or not price.quotient_known
    if price.formula == "fixed" or not asked:
        return Said(msgid=N_("The same price for everyone: %(cents)s."), facts=cents)
    if not price.quotient_known or price.quotient is None:
        return _without_quotient(price, cents)
    known = {**cents, "quotient": float(price.quotient)}
    if price.formula == "effort":
        return Said(msgid=N_("By the effort rate on your quotient of %(quotient)s: %(cents)s."), facts=known)
    return _bracket(price, known)


def _without_quotient(price: Price, cents: Mapping[str, object]) -> Said:
    if price.quotient_known:
        return Said(msgid=N_("By your quotient: %(cents)s."), facts=cents)
    return Said(msgid=N_("Your quotient is not known: the highest price applies, %(cents)s."), facts=cents)


def _bracket(price: Price, known: Mapping[str, object]) -> Said:
    facts: dict[str, object] = {**known, "from": float(price.bracket_from or 0)}
    if price.bracket_to is None:
        return Said(msgid=N_("Your quotient of %(quotient)s is %(from)s or more: %(cents)s."), facts=facts)
    facts["to"] = float(price.bracket_to)
    return Said(msgid=N_("Your quotient of %(quotient)s is between %(from)s and %(to)s: %(cents)s."), facts=facts)


def money(cents: Decimal) -> Cents | Said:
    """Whole cents as money is written, part cents with all their digits."""
    if cents == cents.to_integral_value():
        return Cents(int(cents))
    return Said(msgid=N_("%(amount)s €"), facts={"amount": float(cents / 100)})
