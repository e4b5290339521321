"""A request that is reopened and decided anew: what billing took over from it follows."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.billing.app.debits import debit_desk_of
from services.billing.app.secrets import SealedSecrets
from services.billing.app.work import Stores
from services.billing.domain.debits.mandates import Mandate, purpose_of
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.debits.hear_mandate import hear_mandate
from services.billing.usecases.hear_answer import hear_answer
from services.billing.usecases.quotients.accept import accept_quotient
from services.billing.usecases.quotients.enter import QuotientDesk
from shared.contracts import E_co, Told
from shared.contracts.requests import QuotientAccepted, RequestAnswered
from shared.contracts.requests_effects import MandateDecided
from shared.errors import Unavailable
from tests.billing.conftest import MovableClock
from tests.billing.debit_samples import CREDITOR, IBAN, OTHER_IBAN
from tests.billing.samples import FAMILY, HOUSEHOLD_ID, OFFICE, TOWN_ID
from tests.billing.test_quotient_invitations import quotient_desk_of

REQUEST = "req_1"
IDS: Mapping[str, str] = {"request_id": REQUEST, "household_id": HOUSEHOLD_ID, "municipality_id": TOWN_ID}
SECRETS = SealedSecrets("k1:" + "0a" * 32)


def told(event: E_co, sequence: int) -> Told[E_co]:
    at = datetime(2026, 12, 1, 8, sequence, tzinfo=UTC)
    return Told(event=event, id=f"evt_{sequence}", subject=REQUEST, sequence=sequence, municipality_id=TOWN_ID, time=at)


def accepted(value: str) -> QuotientAccepted:
    return QuotientAccepted(**IDS, value=value, proof="caf", received_on=date(2026, 11, 28))


def refused() -> RequestAnswered:
    return RequestAnswered(**IDS, category_id=f"{TOWN_ID}.quotient", decision="refused", decision_number=2)


@pytest.fixture
def desk(town: Stores, clock: MovableClock) -> QuotientDesk:
    return quotient_desk_of(town, clock, lambda: None)


async def values(town: Stores) -> list[Decimal]:
    family = await town.families.get(TOWN_ID, FAMILY.id)
    assert family
    return [one.value for one in family.quotients if one.source == "request"]


async def test_another_value_stands_in_place_of_the_first_from_the_same_day(
    town: Stores, desk: QuotientDesk, clock: MovableClock
) -> None:
    await accept_quotient(told(accepted("622.50"), 4), quotient_desk=desk)
    clock.move(days=40)

    await accept_quotient(told(accepted("262.50"), 7), quotient_desk=desk)
    await accept_quotient(told(accepted("622.50"), 4), quotient_desk=desk)

    assert await values(town) == [Decimal("262.50")]
    family = await town.families.get(TOWN_ID, FAMILY.id)
    assert family
    assert family.quotients[-1].effective_on == date(2026, 12, 1)


async def test_a_refusal_after_all_takes_the_quotient_back(town: Stores, desk: QuotientDesk) -> None:
    before = await town.families.get(TOWN_ID, FAMILY.id)
    await accept_quotient(told(accepted("622.50"), 4), quotient_desk=desk)

    for _ in range(2):
        await hear_answer(told(refused(), 7), contestations=town.contestations, quotient_desk=desk)

    after = await town.families.get(TOWN_ID, FAMILY.id)
    assert before
    assert after
    assert after.quotients == before.quotients


async def test_an_acceptance_that_arrives_after_its_withdrawal_is_not_taken(town: Stores, desk: QuotientDesk) -> None:
    await hear_answer(told(refused(), 7), contestations=town.contestations, quotient_desk=desk)
    await accept_quotient(told(accepted("622.50"), 4), quotient_desk=desk)

    assert await values(town) == []


class Money:
    """A town whose cash office debits, hearing what requests tells of mandates."""

    def __init__(self, town: Stores, desk: DebitDesk) -> None:
        self.town, self.desk = town, desk

    async def hears(self, sequence: int, **changes: Any) -> None:
        said: dict[str, Any] = {
            **IDS,
            "decision": "accepted",
            "cash_office_id": OFFICE.id,
            "iban": IBAN,
            "holder": "Claire Martin",
            "signed_on": date(2026, 11, 20),
            **changes,
        }
        event = MandateDecided.model_validate(said)
        await hear_mandate(
            told(event, sequence), debit_desk=self.desk, families=self.town.families, former=self.town.former
        )

    async def mandates(self) -> list[Mandate]:
        return await self.town.sepa.mandates.of_household(HOUSEHOLD_ID)

    def account(self, mandate: Mandate) -> str:
        return self.desk.secrets.open(mandate.iban, purpose_of(mandate.id))


ALERTS: list[str] = []


@pytest.fixture
async def money(town: Stores, clock: MovableClock) -> Money:
    await town.sepa.creditors.save(CREDITOR)
    ALERTS.clear()
    made = debit_desk_of(town, SECRETS, clock)
    # What operators are told is looked at here.
    object.__setattr__(made, "alert", lambda name, **_: ALERTS.append(name))
    return Money(town, made)


async def test_an_accepted_mandate_is_signed_once_and_its_account_sealed(money: Money) -> None:
    await money.hears(4)
    await money.hears(4)

    (mandate,) = await money.mandates()
    assert (mandate.state, mandate.signed_how, mandate.signed_by) == ("active", "paper", REQUEST)
    assert (mandate.signed_on, money.account(mandate)) == (date(2026, 11, 20), IBAN)
    assert IBAN not in mandate.iban


async def test_another_account_in_a_second_decision_is_the_same_mandate(money: Money) -> None:
    await money.hears(4)
    await money.hears(7, iban=OTHER_IBAN)

    (mandate,) = await money.mandates()
    assert money.account(mandate) == OTHER_IBAN


async def test_a_mandate_refused_after_all_is_revoked_and_stays_so(money: Money) -> None:
    await money.hears(4)
    await money.hears(7, decision="refused", iban="", cash_office_id="")
    await money.hears(4)

    (mandate,) = await money.mandates()
    assert mandate.state == "revoked"


async def test_a_mandate_in_force_for_another_account_is_for_operators_to_look_at(money: Money) -> None:
    await money.hears(4)
    for _ in range(2):
        await money.hears(2, request_id="req_2", iban=OTHER_IBAN)

    (mandate,) = await money.mandates()
    assert (money.account(mandate), ALERTS) == (IBAN, ["mandate_not_signed"])


@pytest.mark.parametrize(
    "wrong", [{"cash_office_id": "nowhere"}, {"iban": "FR76"}, {"signed_on": date(2027, 1, 1)}, {"iban": ""}]
)
async def test_what_cannot_be_signed_holds_up_no_other_message(money: Money, wrong: dict[str, Any]) -> None:
    await money.hears(4, **wrong)

    assert (await money.mandates(), ALERTS) == ([], ["mandate_not_signed"])


async def test_one_of_a_household_not_known_yet_is_heard_again_later(money: Money) -> None:
    with pytest.raises(Unavailable):
        await money.hears(4, household_id="hsh_later")
