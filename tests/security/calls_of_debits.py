"""Calls about direct debit: creditors, mandates, planned debits, their files, banks' answers."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from deploy.local.demo.asking import one_page_pdf
from services.billing.domain.invoices import Draft, InvoiceLine
from services.billing.store import DocumentStore, InvoiceStore
from shared.contracts.billing import InvoiceDocument
from shared.ids import new_id
from tests.billing.bank_answers import pain002, refused
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import REPAS, World

OFFICE_ID = "sainte-aurore.regie-restauration"
OFFICE = {"cash_office_id": OFFICE_ID}
IBAN, OTHER_IBAN = "FR7630006000011234567890189", "FR1420041010050500013M02606"
XML = "application/xml"
# In lines, so that it can be spoilt like a table.
ANSWER = pain002(refused("D404")).replace(b"><", b">\n<")
CREDITOR = {
    "name": "Régie restauration Sainte-Aurore",
    "ics": "FR72ZZZ123456",
    "iban": OTHER_IBAN,
    "bic": "PSSTFRPP",
    "siret": "21380185500015",
    "file_code": "RESTO",
}


async def _creditor(world: World) -> Call:
    call = Call(ids={**OFFICE}, body=CREDITOR, names=True, headers={"If_Match": "*"})
    answer = await world.aurore.manager.ask("PUT", f"/cash-offices/{OFFICE_ID}/creditor", CREDITOR, If_Match="*")
    assert answer.status == 200, answer.content
    return call


async def _text(world: World) -> Call:
    await _creditor(world)
    return Call(query=OFFICE)


async def _in_force(world: World) -> Any:
    offices = await world.owner.get(f"/direct-debits?municipality_id={world.aurore.id}")
    mandates = [one for office in offices for one in office["mandates"]]
    return next((one for one in mandates if one["state"] in ("active", "suspended")), None)


async def _without_mandate(world: World) -> None:
    await _creditor(world)
    if mandate := await _in_force(world):
        await world.owner.post(f"/mandates/{mandate['id']}/revocation")


async def _signature(world: World) -> Call:
    await _without_mandate(world)
    text = await world.owner.get(f"/mandate-texts?cash_office_id={OFFICE_ID}")
    body = {**OFFICE, "iban": IBAN, "holder": "Claire Lefèvre", "text_version": text["version"]}
    # Whoever sends it signs for their own family.
    return Call(body=body)


async def _paper(world: World) -> Call:
    await _without_mandate(world)
    household = {"household_id": world.owner.household_id}
    paper = {"iban": IBAN, "holder": "Claire Lefèvre", "signed_on": "2025-09-02"}
    return Call(body={**TOWN, **OFFICE, **household, **paper}, names=True)


async def _mandate(world: World) -> Call:
    await _creditor(world)
    mandate = await _in_force(world)
    if mandate is None:
        mandate = await world.owner.post("/mandates", (await _signature(world)).body)
    return Call(ids={"mandate_id": mandate["id"]}, names=True)


async def _own_account(world: World) -> Call:
    return replace(await _mandate(world), body={"iban": OTHER_IBAN, "holder": "Claire Lefèvre"})


async def _family_account(world: World) -> Call:
    return replace(await _own_account(world), query=TOWN)


async def _last_debit(world: World) -> Call:
    return replace(await _mandate(world), body={**TOWN, "last": False})


async def _revoked(world: World) -> Call:
    return replace(await _mandate(world), body=TOWN)


async def _invoice(world: World) -> str:
    """One more of the family, printed already: the one the other calls are about stays to be paid otherwise."""
    db, clock, pdf = world.preau.databases["billing"], world.preau.clock, one_page_pdf()
    invoices, documents = (store(db, lambda _: None, clock) for store in (InvoiceStore, DocumentStore))
    invoice = await invoices.issue(_draft(world))
    told = InvoiceDocument(
        invoice_id=invoice.id,
        number=invoice.number,
        household_id=invoice.household_id,
        municipality_id=invoice.municipality_id,
        cash_office_name="Régie restauration",
        month=invoice.month,
        total_cents=invoice.total_cents,
        due_date=invoice.due_date,
        filename="facture.pdf",
        pdf_base64=base64.b64encode(pdf).decode(),
    )
    await db["invoices"].update_one(
        {"_id": invoice.id}, {"$set": {"documented": True, "paper_sha256": hashlib.sha256(pdf).hexdigest()}}
    )
    await documents.add(invoice, pdf, told)
    return invoice.id


def _draft(world: World) -> Draft:
    line = InvoiceLine(
        child_id=world.owner.child.id, activity_id=REPAS, unit_cents=Decimal(415), quantity=2, total_cents=830
    )
    return Draft(
        municipality_id=world.aurore.id,
        household_id=world.owner.household_id,
        cash_office_id=OFFICE_ID,
        month="2025-09",
        kind="F",
        year=2025,
        issue_date=date(2025, 10, 1),
        due_date=date(2025, 10, 31),
        lines=(line,),
        total_cents=830,
        run_id="run_none",
        occasion=new_id("occ"),
    )


async def _plan(world: World) -> Call:
    await _mandate(world)
    household = {"household_id": world.owner.household_id}
    return Call(body={**TOWN, **household, "invoice_id": await _invoice(world)}, names=True)


async def _planned(world: World) -> Any:
    return await world.aurore.manager.post("/debits", (await _plan(world)).body)


async def _debit(world: World) -> Call:
    return Call(ids={"debit_id": (await _planned(world))["id"]}, body=TOWN, names=True)


async def _debits(world: World) -> Call:
    await _planned(world)
    return Call(query={**TOWN, **OFFICE}, names=True)


async def _file(world: World) -> Call:
    day = (await _planned(world))["collect_on"]
    return Call(body={**TOWN, **OFFICE, "collect_on": day}, names=True)


async def _made(world: World) -> Call:
    batch = await world.aurore.manager.post("/debit-batches", (await _file(world)).body, key="new")
    return Call(ids={"batch_id": batch["id"]}, names=True)


async def _one_file(world: World) -> Call:
    return replace(await _made(world), query=TOWN)


async def _sending(world: World) -> Call:
    return replace(await _made(world), body=TOWN)


async def _withdrawal(world: World) -> Call:
    return replace(await _made(world), body={**TOWN, "reason": "Une erreur de date"})


async def _mandates(world: World) -> Call:
    await _mandate(world)
    return Call(query={**TOWN, **OFFICE}, names=True)


DEBIT_CALLS: Mapping[str, Make] = {
    "GET /api/v1/cash-offices/{cash_office_id}/creditor": _creditor,
    "PUT /api/v1/cash-offices/{cash_office_id}/creditor": _creditor,
    "GET /api/v1/direct-debits": fixed(query=TOWN),
    "GET /api/v1/mandate-texts": _text,
    "POST /api/v1/mandates": _signature,
    "PUT /api/v1/mandates/{mandate_id}/account": _own_account,
    "POST /api/v1/mandates/{mandate_id}/revocation": _mandate,
    "GET /api/v1/family-mandates": _mandates,
    "POST /api/v1/family-mandates": _paper,
    "PUT /api/v1/family-mandates/{mandate_id}/account": _family_account,
    "PUT /api/v1/family-mandates/{mandate_id}/last-debit": _last_debit,
    "POST /api/v1/family-mandates/{mandate_id}/revocation": _revoked,
    "GET /api/v1/debits": _debits,
    "POST /api/v1/debits": _plan,
    "POST /api/v1/debits/{debit_id}/cancellation": _debit,
    "POST /api/v1/debit-batches": _file,
    "GET /api/v1/debit-batches": fixed(query={**TOWN, **OFFICE}, names=True),
    "GET /api/v1/debit-batches/{batch_id}": _one_file,
    "GET /api/v1/debit-batches/{batch_id}/file": _one_file,
    "POST /api/v1/debit-batches/{batch_id}/sending": _sending,
    "POST /api/v1/debit-batches/{batch_id}/withdrawal": _withdrawal,
    "POST /api/v1/bank-answers": fixed(query=TOWN, content=ANSWER, media=XML, names=True),
    "GET /api/v1/bank-answers": fixed(query=TOWN, names=True),
}
