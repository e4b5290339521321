"""What banks answer: imported as they give it, with what became of each debit that was refused."""

from datetime import datetime

from aiohttp import web

from services.billing.domain.debits.answers import AnswerKind, Level
from services.billing.domain.debits.imports import TO_LOOK_AT, Import, Outcome
from services.billing.domain.debits.reasons import reason_of
from services.billing.http.debits.parts import ANSWERS, DESK
from services.billing.http.imports import Town
from services.billing.usecases.debits.import_answer import import_answer
from shared import audit
from shared.auth import Caller, Role
from shared.problems import CATALOGUES, language_of
from shared.web import Answer, Route, agent, read_limited

WHO = agent(Role.MANAGER, Role.CASHIER)
ROLES = (Role.MANAGER, Role.CASHIER)
XML_LIMIT = 16 * 1024 * 1024
MOST = 200


class RefusedDebit(Answer):
    """`level`: one debit, all of one sequence in a file (`part`), or a whole file; `name` as the bank has it.

    `outcome`: `rejected` (the invoice is open again), `planned_again` (waits for another file), `known`, and what
    changed nothing and somebody has to look at (`look`): `unknown`, `amount_differs`, `not_sent`, `surplus_spent`.
    """

    level: Level
    name: str
    code: str
    reason: str
    amount_cents: int | None
    outcome: Outcome
    look: bool
    debit_id: str
    invoice_number: str
    household_id: str


class BankAnswer(Answer):
    """`to_look_at`: how many of its lines changed nothing and wait for somebody."""

    id: str
    kind: AnswerKind
    message_id: str
    imported_at: datetime
    rejected: int
    to_look_at: int
    lines: list[RefusedDebit]


async def import_bank_answer(request: web.Request, query: Town, caller: Caller) -> BankAnswer:
    """Import a pain.002, camt.054 or camt.053 message; imported again, it answers what it did the first time"""
    town = caller.agent_of(query.municipality_id, *ROLES)
    content = await read_limited(request, XML_LIMIT)
    done = await import_answer(town, content, caller.account_id, desk=request.app[DESK])
    return _told(request, done)


async def list_bank_answers(request: web.Request, query: Town, caller: Caller) -> list[BankAnswer]:
    """What was imported, newest first"""
    town = caller.agent_of(query.municipality_id, *ROLES)
    return [_told(request, one) for one in await request.app[ANSWERS].of_town(town, MOST)]


def _told(request: web.Request, done: Import) -> BankAnswer:
    households = [line.household_id for line in done.lines if line.household_id]
    audit.about(request, done.municipality_id, households=households, others=[done.id])
    catalogues, language = request.app[CATALOGUES], language_of(request)
    lines = [
        RefusedDebit(
            level=line.level,
            name=line.name,
            code=line.code,
            reason=catalogues.translate(language, reason_of(line.code).sentence),
            amount_cents=line.cents,
            outcome=line.outcome,
            look=line.outcome in TO_LOOK_AT,
            debit_id=line.debit_id,
            invoice_number=line.invoice_number,
            household_id=line.household_id,
        )
        for line in done.lines
    ]
    return BankAnswer(
        id=done.id,
        kind=done.kind,
        message_id=done.message_id,
        imported_at=done.imported_at,
        rejected=sum(line.outcome == "rejected" for line in done.lines),
        to_look_at=sum(line.look for line in lines),
        lines=lines,
    )


PATH = "/api/v1/bank-answers"
ROUTES = [
    Route(
        method="POST",
        path=PATH,
        handler=import_bank_answer,
        who=WHO,
        query=Town,
        takes="application/xml, text/xml, application/octet-stream",
        answer=BankAnswer,
        status=201,
        audit="bank_answer_imported",
    ),
    Route(
        method="GET",
        path=PATH,
        handler=list_bank_answers,
        who=WHO,
        query=Town,
        answer=list[BankAnswer],
        audit="bank_answers_listed",
    ),
]
