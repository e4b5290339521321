"""For every route of every service, one call that whoever may make it makes in the ordinary course of things.

A route without a call fails the tests: nobody adds a door without saying who may not come in.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from deploy.local.demo.asking import one_page_pdf
from deploy.local.environment import DOMAIN
from shared.web import Route
from tests.journeys.people import CSV, FORM, PASSWORD
from tests.journeys.sample import written
from tests.security.call import CODE, NOBODY, PDF, TOWN, Call, Make, fixed
from tests.security.calls_of_arrears import ARREARS_CALLS
from tests.security.calls_of_cart import CART_CALLS
from tests.security.calls_of_channels import CHANNEL_CALLS
from tests.security.calls_of_debits import DEBIT_CALLS
from tests.security.calls_of_decisions import DECISION_CALLS
from tests.security.calls_of_files import FILE_CALLS
from tests.security.calls_of_households import HOUSEHOLD_CALLS
from tests.security.calls_of_letters import LETTER_CALLS
from tests.security.calls_of_months import MONTH_CALLS
from tests.security.calls_of_news import NEWS_CALLS
from tests.security.calls_of_pages import PAGE_CALLS
from tests.security.calls_of_papers import PAPER_CALLS
from tests.security.calls_of_partners import PARTNER_CALLS
from tests.security.calls_of_paying import PAYING_CALLS
from tests.security.calls_of_privacy import PRIVACY_CALLS
from tests.security.calls_of_regulations import REGULATION_CALLS
from tests.security.calls_of_request_categories import REQUEST_CATEGORY_CALLS
from tests.security.calls_of_requests import REQUEST_CALLS
from tests.security.calls_of_school import SCHOOL_CALLS
from tests.security.calls_of_staff import STAFF_CALLS
from tests.security.calls_of_tariffs import TARIFF_CALLS
from tests.security.calls_of_the_door import DOOR_CALLS
from tests.security.calls_of_the_till import TILL_CALLS
from tests.security.calls_of_town_files import TOWN_FILE_CALLS
from tests.security.calls_of_views import VIEW_CALLS
from tests.security.calls_of_waiting import WAITING_CALLS
from tests.security.calls_of_webhooks import WEBHOOK_CALLS
from tests.security.world import (
    ANSWERS,
    CATEGORY,
    FULL,
    OCTOBER,
    PARTNER,
    POTTERY,
    REPAS,
    RESTAURANT,
    SCHOOL,
    SLOT,
    World,
    lasting,
)

ROUTES: Mapping[str, tuple[str, Route]] = {
    f"{route.method} {route.path}": (service, route)
    for service in DOMAIN
    for route in import_module(f"services.{service}.http").ROUTES
}
CREDENTIAL = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "e30"}}


def _day(world: World) -> dict[str, str]:
    return {"child_id": world.owner.child.id, "activity_id": REPAS, "date": world.next_day()}


def _rows(world: World, name: str) -> bytes:
    return world.aurore.sample.table(name)


async def _cart_line(world: World) -> Call:
    return Call(ids={"line_id": await world.cart_line()}, names=True)


async def _validation(world: World) -> Call:
    await world.cart_line()
    return Call(body={"mode": "possible"})


async def _draft_answers(world: World) -> Call:
    return Call(ids={"request_id": await world.draft()}, body={"answers": ANSWERS}, names=True)


async def _draft(world: World) -> Call:
    return Call(ids={"request_id": await world.draft()}, names=True)


async def _attachment(world: World) -> Call:
    ids = {"request_id": await world.draft(), "slot": SLOT}
    return Call(ids=ids, content=one_page_pdf(), media=PDF, names=True)


async def _answer(world: World) -> Call:
    body = {"decision": "accepted", "message": "C'est noté."}
    return Call(ids={"request_id": await world.filed()}, body=body, names=True)


async def _other_session(world: World) -> Call:
    """Of the owner's other device."""
    await world.owner.new_session()
    others = [one for one in await world.owner.get("/sessions") if not one["current"]]
    return Call(ids={"session_id": others[0]["session_id"]}, names=True)


async def _partner(world: World) -> Call:
    """An account of its own, that may be changed and ended."""
    made = await world.partner_account()
    return Call(ids={"client_id": made["client_id"]}, body=PARTNER, names=True)


async def _partner_secrets(world: World) -> Call:
    made = await world.partner_account()
    return Call(ids={"client_id": made["client_id"]}, body={"overlap_hours": 1}, names=True)


async def _partner_secret(world: World) -> Call:
    made = await world.partner_account()
    secret_id = made["secrets"][0]["secret_id"]
    return Call(ids={"client_id": made["client_id"], "secret_id": secret_id}, names=True)


async def _second_guardian(world: World) -> Call:
    guardians = (await world.owner.get("/household"))["guardians"]
    return Call(ids={"guardian_id": guardians[-1]["guardian_id"]}, body={"email": NOBODY}, names=True)


async def _guardian_of_file(world: World) -> Call:
    files = await world.aurore.manager.get(f"/family-files?municipality_id={world.aurore.id}&limit=200")
    file_id = next(str(one["family_file_id"]) for one in files["items"] if one["reference"] == "F0001")
    return Call(ids={"family_file_id": file_id}, body={"guardian": 2, "email": NOBODY}, names=True)


def _registration() -> dict[str, Any]:
    return {
        "code": CODE,
        "email": NOBODY,
        "password": PASSWORD,
        "family_name": "Martin",
        "guardians": [{"civility": "Mme", "first_name": "Alix", "last_name": "Martin", "phone": "06 39 98 00 00"}],
        "children": [{"reference": "E1", "first_name": "Lou", "last_name": "Martin"}],
    }


def _period(world: World) -> dict[str, Any]:
    pattern = [{"activity_id": REPAS, "weekdays": [1, 2]}]
    span = {"from": "2026-01-05", "until": "2026-01-09"}
    return {"child_id": world.owner.child.id, "programme_id": RESTAURANT, "pattern": pattern, **span}


def _marks(world: World) -> dict[str, Any]:
    marks = [{"child_id": world.owner.child.id, "outcome": "present"}]
    return {**TOWN, "activity_id": REPAS, "date": "2025-11-03", "marks": marks}


CLOSING = {**TOWN, "programme_id": "sainte-aurore.transport", "month": "2025-09", "accept_anomalies": True}
NEWS = {**TOWN, "title": "Fermeture", "category": "Information", "body": "<p>Lundi</p>"}
STAFF = written([{"email": "agent@sainte-aurore.example", "nom": "Martin", "prenom": "Alix", "roles": "editor"}])
WAIT = {"activity_id": POTTERY, "date": FULL}


async def _programmes(world: World) -> Call:
    """As they are now: what other calls published must stay."""
    present = await world.aurore.manager.get(f"/programme-exports?municipality_id={world.aurore.id}")
    return Call(query=TOWN, body=lasting(present), names=True)


async def _wish(world: World) -> Call:
    """Of a child that does not wait yet."""
    for entry in (await world.owner.get("/waiting-list-entries"))["items"]:
        if entry["state"] in ("waiting", "offered"):
            await world.owner.ask("DELETE", f"/waiting-list-entries/{entry['entry_id']}")
    return Call(body={"child_id": world.owner.child.id, **WAIT}, names=True)


LIST = {**TOWN, "activity_id": REPAS, "site_id": SCHOOL, "date": OCTOBER}

GUARDIAN = {"civility": "M.", "first_name": "Lou", "last_name": "Martin", "phone": "06 39 98 00 00"}
PREFERENCES = {"channels": ["email", "inbox"], "language": "fr", "phone": "06 39 98 00 00", "secondary_email": None}
ACCOUNT = {**GUARDIAN, "email": NOBODY, "password": PASSWORD, "family_name": "Martin", "channels": ["email"]}

CALLS: Mapping[str, Make] = {
    **STAFF_CALLS,
    **HOUSEHOLD_CALLS,
    **DECISION_CALLS,
    **CART_CALLS,
    **VIEW_CALLS,
    **WAITING_CALLS,
    **REQUEST_CALLS,
    **FILE_CALLS,
    **REQUEST_CATEGORY_CALLS,
    **SCHOOL_CALLS,
    **TOWN_FILE_CALLS,
    **DEBIT_CALLS,
    **ARREARS_CALLS,
    **MONTH_CALLS,
    **PAPER_CALLS,
    **PAYING_CALLS,
    **PARTNER_CALLS,
    **LETTER_CALLS,
    **WEBHOOK_CALLS,
    **PRIVACY_CALLS,
    **PAGE_CALLS,
    **NEWS_CALLS,
    **DOOR_CALLS,
    **TILL_CALLS,
    **TARIFF_CALLS,
    **REGULATION_CALLS,
    # identity
    "POST /api/v1/partner-accounts": fixed(query=TOWN, body=PARTNER, names=True),
    "GET /api/v1/partner-accounts": fixed(query=TOWN, names=True),
    "PUT /api/v1/partner-accounts/{client_id}": _partner,
    "DELETE /api/v1/partner-accounts/{client_id}": _partner,
    "POST /api/v1/partner-accounts/{client_id}/secrets": _partner_secrets,
    "DELETE /api/v1/partner-accounts/{client_id}/secrets/{secret_id}": _partner_secret,
    "GET /api/v1/partner": fixed(),
    "GET /api/v1/partner/families": fixed(query=TOWN, names=True),
    "GET /api/v1/me/federations": fixed(),
    "DELETE /api/v1/me/federations/{federation_id}": fixed(ids={"federation_id": "fed_0"}),
    "GET /api/v1/municipalities": fixed(),
    "GET /api/v1/municipalities/{municipality_id}": fixed(ids=TOWN),
    "POST /api/v1/sessions": fixed(body={"email": NOBODY, "password": PASSWORD}),
    "POST /api/v1/sessions/refresh": fixed(body={"refresh_token": "ses_0.nothing"}),
    "POST /api/v1/sessions/second-factor": fixed(body={"challenge": CODE, "code": "123456"}),
    "POST /api/v1/sessions/passkey-options": fixed(),
    "POST /api/v1/sessions/passkey": fixed(body={"challenge": CODE, "credential": CREDENTIAL}),
    "DELETE /api/v1/sessions/current": fixed(),
    "GET /api/v1/sessions": fixed(),
    "DELETE /api/v1/sessions": fixed(),
    "DELETE /api/v1/sessions/{session_id}": _other_session,
    "POST /api/v1/sessions/current/reauthentication": fixed(body={"password": PASSWORD}),
    "GET /api/v1/me": fixed(),
    "POST /api/v1/accounts": fixed(body=ACCOUNT),
    "POST /api/v1/accounts/verification": fixed(body={"token": CODE, "password": PASSWORD}),
    "POST /api/v1/password-resets": fixed(body={"email": NOBODY}),
    "POST /api/v1/password-resets/confirmation": fixed(body={"token": CODE, "password": PASSWORD}),
    "POST /api/v1/email-confirmations": fixed(body={"token": CODE}),
    "PUT /api/v1/me/password": fixed(body={"new_password": "azertyuiop123"}),
    "PUT /api/v1/me/email": fixed(body={"email": NOBODY}),
    "PUT /api/v1/me/preferences": fixed(body=PREFERENCES),
    "POST /api/v1/me/closing": fixed(body={"email": NOBODY}),
    "DELETE /api/v1/adhesions/{municipality_id}": fixed(ids={"municipality_id": "nulle-part"}),
    "POST /api/v1/household/guardians": fixed(body=GUARDIAN),
    "POST /api/v1/household/guardians/{guardian_id}/invitation": _second_guardian,
    "POST /api/v1/family-files/{family_file_id}/guardian-invitations": _guardian_of_file,
    "POST /api/v1/guardian-registrations": fixed(body={"code": CODE, "email": NOBODY, "password": PASSWORD}),
    "POST /api/v1/guardian-acceptances": fixed(body={"code": CODE, "email": NOBODY}),
    "POST /api/v1/me/totp": fixed(),
    "POST /api/v1/me/totp/confirmation": fixed(body={"code": "123456"}),
    "DELETE /api/v1/me/totp": fixed(),
    "POST /api/v1/me/recovery-codes": fixed(),
    "GET /api/v1/me/passkeys": fixed(),
    "POST /api/v1/me/passkeys/options": fixed(),
    "POST /api/v1/me/passkeys": fixed(body={"name": "Téléphone", "credential": CREDENTIAL}),
    "DELETE /api/v1/me/passkeys/{passkey_id}": fixed(ids={"passkey_id": "AAAA"}),
    "POST /api/v1/invitations/lookup": fixed(body={"code": CODE, "email": NOBODY}),
    "POST /api/v1/invitations/renewal": fixed(body={"email": NOBODY}),
    "POST /api/v1/registrations": fixed(body=_registration()),
    "POST /api/v1/agent-registrations": fixed(body={"code": CODE, "email": NOBODY, "password": PASSWORD}),
    "POST /api/v1/adhesions": fixed(body={"code": CODE, "email": NOBODY}),
    "GET /api/v1/household": fixed(),
    "POST /api/v1/family-imports": lambda world: Call(
        query={**TOWN, "invite": "false"}, content=_rows(world, "families.csv"), media=CSV, names=True
    ),
    "POST /api/v1/staff-imports": fixed(query=TOWN, content=STAFF, media=CSV, names=True),
    "GET /api/v1/family-files": fixed(query=TOWN, names=True),
    "POST /api/v1/family-files/{family_file_id}/invitation": lambda world: Call(
        ids={"family_file_id": world.file_id}, names=True
    ),
    "GET /.well-known/jwks.json": fixed(),
    # reservations
    "GET /api/v1/programmes": fixed(query=TOWN, names=False),
    "POST /api/v1/programme-imports": _programmes,
    "POST /api/v1/calendar-imports": lambda world: Call(
        query=TOWN, content=_rows(world, "calendar.csv"), media=CSV, names=True
    ),
    "POST /api/v1/enrolment-imports": lambda world: Call(
        query=TOWN, content=_rows(world, "enrolments.csv"), media=CSV, names=True
    ),
    "GET /api/v1/children": fixed(),
    "GET /api/v1/children/{child_id}/months/{month}": lambda world: Call(
        ids={"child_id": world.owner.child.id, "month": "2025-11"}, query={"programme_id": RESTAURANT}, names=True
    ),
    "GET /api/v1/children/{child_id}/days/{date}": lambda world: Call(
        ids={"child_id": world.owner.child.id, "date": "2025-11-20"}, query={"activity_id": REPAS}, names=True
    ),
    "GET /api/v1/regulation-schema": fixed(),
    "GET /api/v1/cart": fixed(),
    "DELETE /api/v1/cart": fixed(),
    "POST /api/v1/cart/lines": lambda world: Call(body={**_day(world), "action": "book"}, names=True),
    "DELETE /api/v1/cart/lines/{line_id}": _cart_line,
    "POST /api/v1/cart/periods": lambda world: Call(body=_period(world), names=True),
    "POST /api/v1/cart/validation": _validation,
    "POST /api/v1/bookings": lambda world: Call(body=_day(world), names=True),
    "GET /api/v1/bookings": fixed(query={"from": "2025-11-01", "until": "2025-12-31"}),
    "POST /api/v1/waiting-list-entries": _wish,
    "GET /api/v1/attendance-lists": fixed(query=LIST, names=True),
    "POST /api/v1/attendance-marks": lambda world: Call(body=_marks(world), names=True),
    "POST /api/v1/month-closings": fixed(body=CLOSING, names=True),
    "GET /api/v1/month-closings": fixed(query=TOWN, names=True),
    # billing
    "POST /api/v1/tariff-imports": lambda world: Call(
        query=TOWN, body=world.aurore.sample.json("tariffs.json"), names=True
    ),
    "POST /api/v1/quotient-imports": lambda world: Call(
        query=TOWN, content=_rows(world, "quotients.csv"), media=CSV, names=True
    ),
    "GET /api/v1/invoices": fixed(),
    "GET /api/v1/invoices/{invoice_id}": lambda world: Call(ids={"invoice_id": world.invoice_id}, names=True),
    "GET /api/v1/invoices/{invoice_id}/pdf": lambda world: Call(ids={"invoice_id": world.invoice_id}, names=True),
    "GET /api/v1/orders/{order_id}": lambda world: Call(ids={"order_id": world.order_id}, names=True),
    "POST /api/v1/payments": lambda world: Call(body={"invoice_ids": [world.invoice_id]}, names=True),
    "GET /api/v1/payments/{payment_id}": lambda world: Call(ids={"payment_id": world.payment_id}, names=True),
    "GET /api/v1/payment-returns/{payment_id}": lambda world: Call(ids={"payment_id": world.payment_id}),
    "POST /api/v1/payment-notifications/payfip": fixed(content=b"idop=unknown", media=FORM),
    "GET /api/v1/invoice-runs": fixed(query=TOWN, names=True),
    # notifications
    "GET /api/v1/news": fixed(query=TOWN),
    "POST /api/v1/news": fixed(body=NEWS, names=True),
    "GET /api/v1/messages": fixed(),
    **CHANNEL_CALLS,
    # requests
    "POST /api/v1/request-category-imports": lambda world: Call(
        query=TOWN, body=world.aurore.sample.json("request-categories.json"), names=True
    ),
    "GET /api/v1/request-categories": fixed(query=TOWN),
    "POST /api/v1/requests": lambda world: Call(
        body={"category_id": CATEGORY, "child_id": world.owner.child.id, "answers": ANSWERS}, names=True
    ),
    "PUT /api/v1/requests/{request_id}/answers": _draft_answers,
    "POST /api/v1/requests/{request_id}/submission": _draft,
    "DELETE /api/v1/requests/{request_id}": _draft,
    "PUT /api/v1/requests/{request_id}/attachments/{slot}": _attachment,
    "GET /api/v1/requests/{request_id}/attachments/{slot}": lambda world: Call(
        ids={"request_id": world.request_id, "slot": SLOT}, names=True
    ),
    "GET /api/v1/requests": fixed(),
    "GET /api/v1/requests/{request_id}": lambda world: Call(ids={"request_id": world.request_id}, names=True),
    "POST /api/v1/requests/{request_id}/answer": _answer,
}


async def call_of(name: str, world: World) -> Call:
    made = CALLS[name](world)
    return made if isinstance(made, Call) else await made
