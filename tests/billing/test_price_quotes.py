"""What days would cost, and in which words that is explained."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.billing.app.work import Stores
from services.billing.domain.prices import Price, Surcharge, dearer
from services.billing.domain.tariffs import Effort, Modifier, Situation, Unit
from services.billing.domain.tariffs.conditions import Conditions, Siblings, Span
from services.billing.domain.tariffs.explanation import explain
from services.billing.domain.tariffs.quotes import quote
from shared.auth import Role
from shared.i18n import Catalogues
from tests.billing.samples import CHILD_ID, HOUSEHOLD, HOUSEHOLD_ID, LATE_CARE, MEAL, TARIFF, TOWN_ID, WEDNESDAY, grid
from tests.billing.samples import price as plain
from tests.billing.test_http import Issuer, Site, cashier, expect_problem, issuer, parent, payfip, site, stranger, till
from tests.billing.test_tariff_formulas import of, price, rule

__all__ = ["cashier", "issuer", "parent", "payfip", "site", "stranger", "till"]
CATALOGUES = Catalogues(Path("services/billing"))
SECOND = Conditions(siblings=Siblings(ranks=Span(first=2)))


def said(found: Price, language: str = "en") -> str:
    return (
        CATALOGUES.say(language, explain(found))
        .replace("\N{NO-BREAK SPACE}", " ")
        .replace("\N{NARROW NO-BREAK SPACE}", " ")
    )


def test_a_bracket_is_explained_by_the_quotient_and_its_bounds() -> None:
    found = replace(plain(), quotient=Decimal(900), bracket_from=Decimal("622.01"), bracket_to=Decimal(1000))

    assert said(found) == ("Grid repas, version 1. Your quotient of 900 is between 622.01 and 1,000: €4.15.")
    assert said(found, "fr") == (
        "Grille repas, version 1. Votre quotient de 900 est compris entre 622,01 et 1 000 : 4,15 €."
    )
    assert "900 is 622.01 or more" in said(replace(found, bracket_to=None))


def test_a_missing_quotient_is_named_as_the_reason_of_the_highest_price() -> None:
    assert said(plain(quotient_known=False)).endswith("Your quotient is not known: the highest price applies, €4.15.")


def test_one_bracket_is_the_same_price_for_everyone() -> None:
    assert said(price(grid("repas"), payer=of("900"))).endswith("The same price for everyone: €4.15.")


def test_a_price_stored_before_quotients_were_kept_is_still_explained() -> None:
    assert said(plain()).endswith("By your quotient: €4.15.")


def test_an_effort_rate_a_reduction_and_the_rounding_are_each_explained() -> None:
    halves = Modifier(reason="Deuxième enfant", percent=Decimal(50), when=SECOND)
    effort = Effort(percent=Decimal("0.35"), floor_cents=Decimal(120), ceiling_cents=Decimal(450))
    found = price(rule(effort=effort, modifiers=(halves,)), payer=of("901.4"), child="chd_hugo")

    assert said(found) == (
        "Grid repas, version 1. By the effort rate on your quotient of 901.4: 3.155 €. "
        "Deuxième enfant: 3.155 € becomes 1.577 €. 1.577 € for one, rounded to €1.58."
    )


def test_minutes_and_a_late_booking_are_explained() -> None:
    late = price(
        rule(fixed=Decimal(35), unit=Unit(per="started_unit", minutes=15), charge="late_pickup"),
        charge="late_pickup",
        minutes=20,
    )

    assert said(dearer(late, Surcharge(cents=100))) == (
        "Grid repas, version 1. The same price for everyone: €0.35. 20 minutes count for 2 units of €0.35. "
        "For booking late: €1.00 more."
    )


def test_days_at_one_price_are_rounded_once_as_on_the_invoice_and_orders_day_by_day() -> None:
    situations = [Situation(child_id="c", activity_id=MEAL, day=date(2026, 12, day)) for day in (1, 2, 3)]

    invoiced = quote(situations, lambda _: plain("33.3"), frozenset(), date(2026, 12, 1))
    ordered = quote(situations, lambda _: plain("33.5"), frozenset({MEAL}), date(2026, 12, 1))

    assert (invoiced.total_cents, [line.cents for line in invoiced.lines]) == (100, [33, 33, 33])
    assert (ordered.total_cents, [one.quantity for one in ordered.sums]) == (102, [3])


def asked(*activities: str, **changed: Any) -> dict[str, Any]:
    lines = [{"child_id": CHILD_ID, "activity_id": one, "date": "2026-12-08"} for one in activities]
    return {"municipality_id": TOWN_ID, "lines": lines, **changed}


async def test_a_guardian_reads_the_price_of_a_cart_with_every_reason(site: Site, parent: dict[str, str]) -> None:
    answer = await site.post("/api/v1/price-quotes", json=asked(MEAL, LATE_CARE, WEDNESDAY), headers=parent)
    found = await answer.json()

    assert answer.status == 200
    assert (found["total_cents"], found["complete"], found["quotient_known"]) == (415 + 150 + 1200, True, True)
    meal = found["lines"][0]["price"]
    assert (meal["grid_id"], meal["grid_version"], meal["formula"]) == (f"{TOWN_ID}.repas", 1, "brackets")
    assert (meal["quotient"], meal["bracket_from"], meal["bracket_to"]) == ("2000", "1000.01", None)
    assert meal["explanation"].startswith("Grille repas, version 1. Votre quotient de 2")


async def test_what_has_no_price_is_said_and_left_out_of_the_total(site: Site, parent: dict[str, str]) -> None:
    found = await (
        await site.post("/api/v1/price-quotes", json=asked(MEAL, f"{TOWN_ID}.cirque"), headers=parent)
    ).json()

    assert (found["total_cents"], found["complete"]) == (415, False)
    assert found["lines"][1]["price"] is None


async def test_reductions_for_brothers_and_sisters_show_in_the_quote(
    site: Site, town: Stores, parent: dict[str, str]
) -> None:
    children = tuple(
        replace(child, birth_date=born)
        for child, born in zip(HOUSEHOLD.children, (date(2017, 3, 9), date(2020, 5, 2)), strict=True)
    )
    await town.copies.put_household(replace(HOUSEHOLD, children=children), 2)
    halves = Modifier(reason="Deuxième enfant", percent=Decimal(50), when=SECOND)
    tariff = await town.tariffs.of(TOWN_ID)
    await town.tariffs.save(replace(tariff, grids=(grid("repas", modifiers=(halves,)),)))
    lines = [{"child_id": child.id, "activity_id": MEAL, "date": "2026-12-08"} for child in children]

    found = await (await site.post("/api/v1/price-quotes", json=asked(lines=lines), headers=parent)).json()

    assert [line["cents"] for line in found["lines"]] == [415, 208]
    assert found["lines"][1]["price"]["steps"] == [
        {"reason": "Deuxième enfant", "before_cents": "415", "after_cents": "207.5", "percent": "50"}
    ]


async def test_nobody_asks_the_prices_of_others(
    site: Site, parent: dict[str, str], stranger: dict[str, str], cashier: dict[str, str], issuer: Issuer
) -> None:
    path = "/api/v1/price-quotes"
    elsewhere = issuer.agent("le-val-dore", Role.CASHIER)

    await expect_problem(await site.post(path, json=asked(MEAL), headers=stranger), 404, "not-found")
    of_other = asked(MEAL, household_id="hsh_other")
    await expect_problem(await site.post(path, json=of_other, headers=parent), 403, "forbidden")
    await expect_problem(await site.post(path, json=asked(MEAL), headers=cashier), 422, "invalid-input")
    mine = asked(MEAL, household_id=HOUSEHOLD_ID)
    await expect_problem(await site.post(path, json=mine, headers=elsewhere), 403, "forbidden")
    not_theirs = asked(lines=[{"child_id": "chd_other", "activity_id": MEAL, "date": "2026-12-08"}])
    await expect_problem(await site.post(path, json=not_theirs, headers=parent), 404, "not-found")
    assert (await site.post(path, json=mine, headers=cashier)).status == 200


WRONG_LINE = {"child_id": CHILD_ID, "activity_id": MEAL, "date": "2026-12-08"}
WRONG: list[dict[str, Any]] = [
    {"lines": []},
    {"lines": [WRONG_LINE] * 201},
    {"municipality_id": {"$ne": ""}},
    *(
        {"lines": [{**WRONG_LINE, **changed}]}
        for changed in ({"cents": 1}, {"minutes": -1}, {"minutes": "5"}, {"charge": "x"}, {"child_id": {"$gt": ""}})
    ),
]


async def test_a_quote_of_another_shape_is_refused(site: Site, parent: dict[str, str]) -> None:
    for changed in WRONG:
        answer = await site.post("/api/v1/price-quotes", json=asked(MEAL, **changed), headers=parent)

        await expect_problem(answer, 422, "invalid-input")


async def test_a_tariff_with_every_kind_of_grid_is_stored_and_read_back(stores: Stores) -> None:
    full = replace(
        TARIFF,
        grids=(
            rule(
                effort=Effort(percent=Decimal("0.35"), floor_cents=Decimal(120), ceiling_cents=Decimal(450)),
                unit=Unit(per="started_unit", minutes=15),
                when=SECOND,
                modifiers=(
                    Modifier(reason="x", percent=Decimal(50), when=SECOND, quotients=(Decimal(0), Decimal("622.5"))),
                ),
            ),
        ),
    )
    assert full.asks_children

    await stores.tariffs.save(full)

    assert (await stores.tariffs.of(TOWN_ID)).grids == full.grids
