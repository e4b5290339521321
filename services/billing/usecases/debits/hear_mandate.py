"""A town accepted, in a request, a mandate a family sent signed; or it takes that back."""

from typing import Protocol

from services.billing.domain.debits.accounts import AccountWrong, account_of
from services.billing.domain.debits.mandates import Mandate, purpose_of
from services.billing.domain.debits.refusals import MandateInForce, NoDirectDebit, SignedTooLate
from services.billing.domain.families import Family
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.debits.sign import Paper, Signing, change_account, enter_paper, revoke
from shared.contracts import Told
from shared.contracts.requests_effects import MandateDecided
from shared.errors import Conflict, Unavailable

TRIES = 3
NOT_DONE = (AccountWrong, MandateInForce, NoDirectDebit, SignedTooLate)


class Families(Protocol):
    async def of_household(self, household_id: str, municipality_id: str) -> Family | None: ...
    async def save(self, family: Family) -> Family: ...


class Formers(Protocol):
    async def kept_of(self, household_id: str) -> str: ...


async def hear_mandate(
    told: Told[MandateDecided], *, debit_desk: DebitDesk, families: Families, former: Formers
) -> None:
    """The mandate is of paper, signed when the family said or filed it, and bears the request as who signed it.

    Hearing a decision again, or an older one, changes nothing. What cannot be done (another mandate in force, an office
    that does not debit) is told to the operators, once. Raises `Unavailable` until the household is known to have
    joined the town, `Conflict`.
    """
    event = told.event
    household_id = await former.kept_of(event.household_id)
    family = await families.of_household(household_id, event.municipality_id)
    if family is None:
        raise Unavailable()
    heard = _mark_of(event.request_id)
    if family.has_heard(heard, told.sequence):
        return
    try:
        await _decide(event, household_id, debit_desk)
    except NOT_DONE as refusal:
        debit_desk.alert(
            "mandate_not_signed", request_id=event.request_id, household_id=household_id, code=refusal.code
        )
    await _mark(heard, told.sequence, family, families)


def _mark_of(request_id: str) -> str:
    """The answer to the request is told at the same sequence, heard by another, and marked by the request's id."""
    return f"{request_id}/mandate"


async def _decide(event: MandateDecided, household_id: str, desk: DebitDesk) -> None:
    mine = [one for one in await desk.mandates.of_household(household_id) if one.signed_by == event.request_id]
    here = next((one for one in mine if one.in_force and one.cash_office_id == event.cash_office_id), None)
    for mandate in mine:
        if mandate.in_force and (event.decision == "refused" or mandate is not here):
            await revoke(mandate, event.request_id, desk=desk)
    if event.decision == "accepted":
        await (_correct(here, event, desk) if here else _enter(event, household_id, desk))


async def _correct(mandate: Mandate, event: MandateDecided, desk: DebitDesk) -> None:
    known = desk.secrets.open(mandate.iban, purpose_of(mandate.id))
    if (known, mandate.holder) != (account_of(event.iban).iban, event.holder):
        await change_account(mandate, event.iban, event.holder, desk=desk)


async def _enter(event: MandateDecided, household_id: str, desk: DebitDesk) -> None:
    other = await desk.mandates.in_force(household_id, event.cash_office_id)
    if other and desk.secrets.open(other.iban, purpose_of(other.id)) == account_of(event.iban).iban:
        # The family signed for the same account in another way: there is nothing to add.
        return
    signing = Signing(
        household_id=household_id,
        municipality_id=event.municipality_id,
        cash_office_id=event.cash_office_id,
        iban=event.iban,
        holder=event.holder,
        by=event.request_id,
    )
    today = await desk.today(event.municipality_id)
    await enter_paper(signing, Paper(signed_on=event.signed_on or today), desk=desk)


async def _mark(heard: str, sequence: int, family: Family, families: Families) -> None:
    for _ in range(TRIES):
        try:
            await families.save(family.having_heard(heard, sequence))
        except Conflict:
            found = await families.of_household(family.household_id or "", family.municipality_id)
            if found is None or found.has_heard(heard, sequence):
                return
            family = found
            continue
        return
    raise Conflict()
