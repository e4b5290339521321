"""A family's direct debits: what it signed, what is planned, and how it signs, changes its account or revokes."""

from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from services.billing.domain.debits.consent import consent_to
from services.billing.domain.debits.creditors import Creditor
from services.billing.domain.debits.debits import Debit, DebitState
from services.billing.domain.debits.mandates import Mandate, MandateKind, MandateState, SignedHow, lapses_on
from services.billing.domain.debits.reasons import reason_of
from services.billing.domain.debits.refusals import NoDirectDebit
from services.billing.http.debits.parts import CREDITORS, DEBITS, DESK, MANDATES
from services.billing.http.imports import Town
from services.billing.http.owners import first_of, owners
from services.billing.http.parts import FAMILIES
from services.billing.usecases.debits.sign import Signing, change_account, revoke, sign_online
from shared.auth import Caller
from shared.errors import NotFound
from shared.problems import CATALOGUES, language_of
from shared.web import GUARDIAN, Answer, Body, Route

Id = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Iban = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Holder = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=70)]


class OfficeAsked(Body):
    cash_office_id: Id


class MandateText(Answer):
    """What is consented to. `version`: to be sent with the signature, for one signs what one has read."""

    cash_office_id: str
    creditor_name: str
    ics: str
    notice_days: int
    version: str
    paragraphs: list[str]


class MandateToSign(Body):
    """`holder`: the name on the account. `text_version`: of the text that was read. `kind`: for every invoice from now
    on, or for the next one alone.
    """

    cash_office_id: Id
    iban: Iban
    holder: Holder
    text_version: Id
    kind: MandateKind = "recurrent"


class AccountChanged(Body):
    iban: Iban
    holder: Holder


class MandateShown(Answer):
    """`account`: what may be shown of it. `lapses_on`: unless something is debited before. `reason`: why the bank
    refused the last debit, empty when it did not. `last`: the next debit is the last one.
    """

    id: str
    cash_office_id: str
    rum: str
    kind: MandateKind
    state: MandateState
    account: str
    bank: str
    holder: str
    signed_on: date
    signed_how: SignedHow
    lapses_on: date
    last: bool
    reason: str
    ended_at: datetime | None


class DebitShown(Answer):
    """`reason`: why the bank refused it. `collect_on`: the day announced, or asked of the bank."""

    id: str
    invoice_id: str
    invoice_number: str
    amount_cents: int
    collect_on: date
    state: DebitState
    rum: str
    reason: str


class DebitedOffice(Answer):
    """`open`: a mandate can be signed online. `mandates`, `debits`: newest first, those of before too."""

    cash_office_id: str
    creditor_name: str
    ics: str
    open: bool
    mandates: list[MandateShown]
    debits: list[DebitShown]


async def list_direct_debits(request: web.Request, query: Town, caller: Caller) -> list[DebitedOffice]:
    """The cash offices of a town that debit accounts, with the household's mandates and debits"""
    mandates: list[Mandate] = []
    debits: list[Debit] = []
    for household_id in await owners(request, caller):
        mandates += await request.app[MANDATES].of_household(household_id)
        debits += await request.app[DEBITS].of_household(household_id)
    creditors = await request.app[CREDITORS].of_towns([query.municipality_id])
    return [_office(request, creditor, mandates, debits) for creditor in creditors]


def _office(request: web.Request, creditor: Creditor, mandates: list[Mandate], debits: list[Debit]) -> DebitedOffice:
    return DebitedOffice(
        cash_office_id=creditor.id,
        creditor_name=creditor.name,
        ics=creditor.ics,
        open=creditor.open,
        mandates=[shown_mandate(request, one) for one in mandates if one.cash_office_id == creditor.id],
        debits=[shown_debit(request, one) for one in debits if one.cash_office_id == creditor.id],
    )


async def show_mandate_text(request: web.Request, query: OfficeAsked, caller: Caller) -> MandateText:
    """What signing a mandate says, in the caller's language"""
    caller.household()
    town = query.cash_office_id.partition(".")[0]
    creditor = await request.app[CREDITORS].of(town, query.cash_office_id)
    if creditor is None:
        raise NoDirectDebit()
    consent = consent_to(creditor, language_of(request))
    return MandateText(
        cash_office_id=creditor.id,
        creditor_name=creditor.name,
        ics=creditor.ics,
        notice_days=creditor.notice_days,
        version=consent.version,
        paragraphs=list(consent.paragraphs),
    )


async def sign_mandate(request: web.Request, body: MandateToSign, caller: Caller) -> MandateShown:
    """Let a cash office debit an account; signed again with the same account it is the same mandate"""
    household_id = caller.household()
    town = body.cash_office_id.partition(".")[0]
    if await request.app[FAMILIES].of_household(household_id, town) is None:
        raise NotFound()
    signing = Signing(
        household_id=household_id,
        municipality_id=town,
        cash_office_id=body.cash_office_id,
        iban=body.iban,
        holder=body.holder,
        kind=body.kind,
        by=caller.account_id,
    )
    return shown_mandate(request, await sign_online(signing, body.text_version, desk=request.app[DESK]))


async def change_mandate_account(request: web.Request, body: AccountChanged, caller: Caller) -> MandateShown:
    """Debit another account under the same mandate from now on"""
    mandate = await _asked(request, caller)
    changed = await change_account(mandate, body.iban, body.holder, desk=request.app[DESK])
    return shown_mandate(request, changed)


async def revoke_mandate(request: web.Request, caller: Caller) -> MandateShown:
    """Have nothing debited any more; what was planned is to be paid otherwise"""
    mandate = await _asked(request, caller)
    return shown_mandate(request, await revoke(mandate, caller.account_id, desk=request.app[DESK]))


async def _asked(request: web.Request, caller: Caller) -> Mandate:
    """Raises `NotFound`."""
    mandates, mandate_id = request.app[MANDATES], request.match_info["mandate_id"]
    mandate = await first_of(await owners(request, caller), lambda one: mandates.get(one, mandate_id))
    if mandate is None:
        raise NotFound()
    return mandate


def shown_mandate(request: web.Request, mandate: Mandate) -> MandateShown:
    return MandateShown(
        id=mandate.id,
        cash_office_id=mandate.cash_office_id,
        rum=mandate.rum,
        kind=mandate.kind,
        state=mandate.state,
        account=mandate.account_shown,
        bank=mandate.bank,
        holder=mandate.holder,
        signed_on=mandate.signed_on,
        signed_how=mandate.signed_how,
        lapses_on=lapses_on(mandate),
        last=mandate.last,
        reason=_why(request, mandate.flag),
        ended_at=mandate.ended_at,
    )


def shown_debit(request: web.Request, debit: Debit) -> DebitShown:
    return DebitShown(
        id=debit.id,
        invoice_id=debit.invoice_id,
        invoice_number=debit.invoice_number,
        amount_cents=debit.cents,
        collect_on=debit.collect_on,
        state=debit.state,
        rum=debit.rum,
        reason=_why(request, debit.reason),
    )


def _why(request: web.Request, code: str) -> str:
    """A bank's code in the caller's words."""
    if not code:
        return ""
    return request.app[CATALOGUES].translate(language_of(request), reason_of(code).sentence)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/direct-debits",
        handler=list_direct_debits,
        who=GUARDIAN,
        query=Town,
        answer=list[DebitedOffice],
    ),
    Route(
        method="GET",
        path="/api/v1/mandate-texts",
        handler=show_mandate_text,
        who=GUARDIAN,
        query=OfficeAsked,
        answer=MandateText,
    ),
    Route(
        method="POST",
        path="/api/v1/mandates",
        handler=sign_mandate,
        who=GUARDIAN,
        body=MandateToSign,
        answer=MandateShown,
        status=201,
    ),
    Route(
        method="PUT",
        path="/api/v1/mandates/{mandate_id}/account",
        handler=change_mandate_account,
        who=GUARDIAN,
        body=AccountChanged,
        answer=MandateShown,
    ),
    Route(
        method="POST",
        path="/api/v1/mandates/{mandate_id}/revocation",
        handler=revoke_mandate,
        who=GUARDIAN,
        answer=MandateShown,
    ),
]
