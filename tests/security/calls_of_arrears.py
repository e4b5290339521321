"""Calls about what families owe: reminders, debts at the Treasury, statements and their differences."""

from collections.abc import Mapping
from dataclasses import replace

from shared.ids import new_id
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.calls_of_debits import _invoice as issued_invoice
from tests.security.world import World

OFFICE_ID = "sainte-aurore.regie-restauration"
OFFICE = {"cash_office_id": OFFICE_ID}
AT = f"/cash-offices/{OFFICE_ID}"
XML = "application/xml"
CSV = "text/csv"
POLICY = {"enabled": False, "steps": [{"days": 10, "by": "mail"}]}
CODES = {
    "post": "037012",
    "siret": "21380012100013",
    "collectivity": "400",
    "budget": "01",
    "product": "CANT",
    "after_days": 0,
}
RETURN = b"""<PES_Retour><PES_RecetteRetour><Bordereau><BlocBordereau><Exer V="2025"/><TypBord V="06"/></BlocBordereau>
<Piece><NumDette V="2025999999"/><EtatPce V="02"/><DteEtat V="2025-12-20"/></Piece></Bordereau></PES_RecetteRetour>
</PES_Retour>"""


async def _owed(world: World) -> list[str]:
    """Two more invoices of the family, long overdue and too small to go to the Treasury alone."""
    return [await issued_invoice(world), await issued_invoice(world)]


async def _ready(world: World) -> list[str]:
    """Invoices that may be handed over: nobody is reminded or exempt, and the Treasury's codes are known."""
    exempted = f"/reminder-exemptions/{world.owner.household_id}?municipality_id={world.aurore.id}"
    await world.aurore.manager.ask("DELETE", exempted)
    policy = {**POLICY, "steps": []}
    for path, body in ((f"{AT}/reminder-policy", policy), (f"{AT}/treasury-settings", CODES)):
        answer = await world.aurore.manager.ask("PUT", path, body, If_Match="*")
        assert answer.status == 200, answer.content
    return await _owed(world)


async def _unpaid(world: World) -> Call:
    await _owed(world)
    return Call(ids=OFFICE, names=True)


async def _candidates(world: World) -> Call:
    await _ready(world)
    return Call(ids=OFFICE, names=True)


async def _batch_asked(world: World) -> Call:
    return Call(ids=OFFICE, body={"invoice_ids": await _ready(world)}, names=True)


async def _batch(world: World) -> Call:
    asked = (await _batch_asked(world)).body
    batch = await world.aurore.manager.post(f"{AT}/treasury-batches", asked, key="new")
    return Call(ids={**OFFICE, "batch_id": batch["id"]}, names=True)


async def _answer(world: World) -> Call:
    return replace(await _batch(world), body={"accepted": True, "reason": ""})


async def _debts(world: World) -> Call:
    await _batch(world)
    return Call(ids=OFFICE, names=True)


async def _reminded(world: World) -> Call:
    await _ready(world)
    policy = {"enabled": True, "steps": [{"days": 1}]}
    await world.aurore.manager.ask("PUT", f"{AT}/reminder-policy", policy, If_Match="*")
    await world.aurore.manager.post(f"{AT}/reminder-rounds")
    return Call(ids=OFFICE, names=True)


async def _returned(world: World) -> Call:
    await world.aurore.manager.ask("PUT", f"{AT}/treasury-settings", CODES, If_Match="*")
    return Call(ids=OFFICE, content=RETURN, media=XML, names=True)


def _exempted(world: World) -> Call:
    ids = {"household_id": world.owner.household_id}
    return Call(ids=ids, query=TOWN, body={"reason": "Plan d'apurement"}, names=True)


async def _exempt(world: World) -> Call:
    call = _exempted(world)
    path = f"/reminder-exemptions/{world.owner.household_id}?municipality_id={world.aurore.id}"
    answer = await world.aurore.manager.ask("PUT", path, call.body)
    assert answer.status == 200, answer.content
    return replace(call, body=None)


async def _exemptions(world: World) -> Call:
    await _exempt(world)
    return Call(query=TOWN, names=True)


def _statement() -> bytes:
    return f"date;libelle;montant\n01/12/2025;FRAIS {new_id('x')};-2,50\n".encode()


def _brought(_: World) -> Call:
    return Call(ids=OFFICE, query={"kind": "bank"}, content=_statement(), media=CSV, names=True)


async def _task(world: World) -> Call:
    path = f"{AT}/statements?kind=bank"
    answer = await world.aurore.manager.ask("POST", path, _statement(), media=CSV)
    assert answer.status == 201, answer.content
    page = await world.aurore.manager.get(f"{AT}/reconciliation-tasks?kind=unknown_line")
    ids = {**OFFICE, "task_id": page["items"][0]["id"]}
    return Call(ids=ids, body={"act": "explain", "reason": "Frais bancaires", "ids": []}, names=True)


_AT = "/api/v1/cash-offices/{cash_office_id}"
OF_OFFICE = fixed(ids=OFFICE, names=True)
ARREARS_CALLS: Mapping[str, Make] = {
    f"GET {_AT}/unpaid-invoices": _unpaid,
    f"GET {_AT}/unpaid-invoice-exports": OF_OFFICE,
    f"GET {_AT}/reminder-policy": OF_OFFICE,
    f"PUT {_AT}/reminder-policy": fixed(ids=OFFICE, body=POLICY, names=True, headers={"If_Match": "*"}),
    f"POST {_AT}/reminder-rounds": OF_OFFICE,
    f"GET {_AT}/reminders": _reminded,
    f"GET {_AT}/reminder-exports": OF_OFFICE,
    "GET /api/v1/reminder-exemptions": _exemptions,
    "PUT /api/v1/reminder-exemptions/{household_id}": _exempted,
    "DELETE /api/v1/reminder-exemptions/{household_id}": _exempt,
    f"GET {_AT}/treasury-settings": OF_OFFICE,
    f"PUT {_AT}/treasury-settings": fixed(ids=OFFICE, body=CODES, names=True, headers={"If_Match": "*"}),
    f"GET {_AT}/treasury-candidates": _candidates,
    f"POST {_AT}/treasury-batches": _batch_asked,
    f"GET {_AT}/treasury-batches": OF_OFFICE,
    f"GET {_AT}/treasury-batches/{{batch_id}}": _batch,
    f"GET {_AT}/treasury-batches/{{batch_id}}/file": _batch,
    f"POST {_AT}/treasury-batches/{{batch_id}}/sending": _batch,
    f"POST {_AT}/treasury-batches/{{batch_id}}/answer": _answer,
    "GET /api/v1/collection-orders": fixed(),
    f"GET {_AT}/collection-orders": _debts,
    f"POST {_AT}/treasury-returns": _returned,
    f"GET {_AT}/treasury-returns": OF_OFFICE,
    f"POST {_AT}/statements": _brought,
    f"GET {_AT}/statements": OF_OFFICE,
    f"GET {_AT}/statement-lines": OF_OFFICE,
    f"GET {_AT}/reconciliation-tasks": OF_OFFICE,
    f"POST {_AT}/reconciliation-tasks/{{task_id}}/resolution": _task,
}
