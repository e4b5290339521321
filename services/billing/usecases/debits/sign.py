"""Mandates: sign one, type one from paper, change its account, end it."""

from dataclasses import dataclass, replace
from datetime import date

from services.billing.domain.debits.accounts import Account, account_of
from services.billing.domain.debits.consent import consent_to
from services.billing.domain.debits.creditors import Creditor
from services.billing.domain.debits.mandates import (
    Mandate,
    MandateExists,
    MandateKind,
    changed_account,
    check_signature,
    ended,
    lapses_on,
    last_debit,
    purpose_of,
    reference_of,
)
from services.billing.domain.debits.refusals import ConsentOutdated, MandateInForce, NoDirectDebit, ReferenceTaken
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.debits.plan import drop_planned


@dataclass(frozen=True, kw_only=True)
class Signing:
    """Who signs for which cash office, with which account. `by`: the guardian's person, or the agent's account."""

    household_id: str
    municipality_id: str
    cash_office_id: str
    iban: str
    holder: str
    kind: MandateKind = "recurrent"
    by: str


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What stands on a mandate signed on paper. `rum` empty: it gets a reference here."""

    rum: str = ""
    signed_on: date
    last_collected_on: date | None = None


async def sign_online(signing: Signing, text_version: str, *, desk: DebitDesk) -> Mandate:
    """A new mandate; the one in force when it is for the same account, so that signing twice is signing once.

    Raises `NoDirectDebit`, `AccountWrong`, `ConsentOutdated`, `MandateInForce`, `NoSecretsKey`.
    """
    creditor = await _creditor(signing, desk)
    if not creditor.open:
        raise NoDirectDebit()
    if text_version != consent_to(creditor, "fr").version:
        raise ConsentOutdated()
    account = account_of(signing.iban)
    known = await desk.mandates.in_force(signing.household_id, signing.cash_office_id)
    if known:
        return _same(known, signing, account, desk)
    mandate = _mandate(signing, account, await desk.today(signing.municipality_id), desk)
    return await _add(replace(mandate, text_version=text_version, notice_days=creditor.notice_days), desk)


async def enter_paper(signing: Signing, paper: Paper, *, desk: DebitDesk) -> Mandate:
    """A mandate the family signed on paper, or under which another software collected until now.

    Raises what `sign_online` does, `SignedTooLate`, `ReferenceTaken`.
    """
    creditor = await _creditor(signing, desk)
    check_signature(paper.signed_on, paper.last_collected_on, await desk.today(signing.municipality_id))
    account = account_of(signing.iban)
    if known := await desk.mandates.in_force(signing.household_id, signing.cash_office_id):
        raise MandateInForce(rum=known.rum, account=known.account_shown)
    mandate = _mandate(signing, account, paper.signed_on, desk)
    entered = replace(
        mandate,
        rum=paper.rum or mandate.rum,
        signed_how="paper",
        notice_days=creditor.notice_days,
        used=paper.last_collected_on is not None,
        presented_on=paper.last_collected_on,
    )
    return await _add(entered, desk)


async def _creditor(signing: Signing, desk: DebitDesk) -> Creditor:
    creditor = await desk.creditors.of(signing.municipality_id, signing.cash_office_id)
    if creditor is None:
        raise NoDirectDebit()
    return creditor


def _same(known: Mandate, signing: Signing, account: Account, desk: DebitDesk) -> Mandate:
    is_same = (known.state, known.kind) == ("active", signing.kind)
    if is_same and desk.secrets.open(known.iban, purpose_of(known.id)) == account.iban:
        return known
    raise MandateInForce(rum=known.rum, account=known.account_shown)


def _mandate(signing: Signing, account: Account, signed_on: date, desk: DebitDesk) -> Mandate:
    mandate_id = desk.new_id("mdt")
    return Mandate(
        id=mandate_id,
        municipality_id=signing.municipality_id,
        household_id=signing.household_id,
        cash_office_id=signing.cash_office_id,
        rum=reference_of(mandate_id),
        kind=signing.kind,
        holder=signing.holder,
        iban=desk.secrets.seal(account.iban, purpose_of(mandate_id)),
        account_shown=account.shown,
        bic=account.bic,
        bank=account.bank,
        signed_on=signed_on,
        signed_how="online",
        signed_by=signing.by,
    )


async def _add(mandate: Mandate, desk: DebitDesk) -> Mandate:
    try:
        return await desk.mandates.save(mandate, None)
    except MandateExists:
        # The other parent signed at the same moment, or the reference is another one's.
        known = await desk.mandates.in_force(mandate.household_id, mandate.cash_office_id)
        if known is None:
            raise ReferenceTaken(rum=mandate.rum) from None
        raise MandateInForce(rum=known.rum, account=known.account_shown) from None


async def change_account(mandate: Mandate, iban: str, holder: str, *, desk: DebitDesk) -> Mandate:
    """Raises `AccountWrong`, `MandateEnded`, `Conflict`."""
    account = account_of(iban)
    sealed = desk.secrets.seal(account.iban, purpose_of(mandate.id))
    return await desk.mandates.save(changed_account(mandate, account, sealed, holder), mandate)


async def revoke(mandate: Mandate, by: str, *, desk: DebitDesk) -> Mandate:
    """Nothing more goes out under it; a debit that is with the bank goes its way. Revoked before, it stays as it is."""
    revoked = ended(mandate, "revoked", by=by, now=desk.clock())
    if revoked is not mandate:
        mandate = await desk.mandates.save(revoked, mandate)
    await drop_planned(mandate, desk=desk)
    return mandate


async def end_after_next(mandate: Mandate, last: bool, *, desk: DebitDesk) -> Mandate:
    """Its next debit is the last (FNAL), or not after all. Raises `MandateEnded`, `Conflict`."""
    changed = last_debit(mandate, last)
    return mandate if changed is mandate else await desk.mandates.save(changed, mandate)


async def lapse_unused(*, desk: DebitDesk, limit: int = 100) -> int:
    """End what was not used for 36 months; how many."""
    lapsed = 0
    for mandate in await desk.mandates.unused_since(desk.clock().date(), limit):
        if await desk.today(mandate.municipality_id) >= lapses_on(mandate):
            await desk.mandates.save(ended(mandate, "lapsed", by="", now=desk.clock()), mandate)
            await drop_planned(mandate, desk=desk)
            lapsed += 1
    return lapsed
