"""Everything about a household in one archive, and a household forgotten everywhere: of two families both go."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import aio_pika
import pytest

from shared.ids import new_id
from shared.messaging.topology import EVENTS, PROFILES
from shared.retention import JANITOR
from tests.journeys.clock import MovableClock, eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.story import live_through
from tests.journeys.town import Preau

READY = "privacy.export_ready.v1"
ERASED = "privacy.household_erased.v1"


@pytest.fixture(scope="module")
async def families(preau: Preau, aurore: TownHall, clock: MovableClock) -> tuple[Family, Family]:
    """Claire paid her invoice, Nadia did not."""
    return await live_through(preau, aurore, clock)


async def archive_of(preau: Preau, family: Family) -> zipfile.ZipFile:
    asked = await family.post("/me/exports")
    assert asked["state"] == "gathering"
    await preau.heard.until(READY, export_id=asked["export_id"])
    (export,) = [one for one in (await family.get("/me/exports"))["items"] if one["export_id"] == asked["export_id"]]
    assert export["state"] == "ready"
    answer = await family.ask("GET", export["archive_href"])
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/zip")
    return zipfile.ZipFile(io.BytesIO(answer.content))


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


async def test_an_archive_holds_everything_of_a_household_and_nothing_of_another(
    preau: Preau, families: tuple[Family, Family]
) -> None:
    claire, nadia = families
    archive = await archive_of(preau, claire)

    assert archive.testzip() is None
    names = set(archive.namelist())
    services = ("identity", "reservations", "billing", "notifications", "requests")
    assert {f"{service}.json" for service in services} <= names
    (invoice,) = await claire.get("/invoices")
    pdf = await claire.ask("GET", f"/invoices/{invoice['id']}/pdf")
    assert archive.read(f"invoices/{invoice['number']}.pdf") == pdf.content
    (request,) = (await claire.get("/requests"))["items"]
    assert archive.read(f"requests/{request['request_id']}/document.pdf").startswith(b"%PDF")
    told = {service: json.loads(archive.read(f"{service}.json")) for service in services}
    everything = archive_text(archive)
    await everything_is_in(claire, told, everything)
    await nothing_of(nadia, everything)
    assert "argon2" not in everything
    assert "_hash" not in everything


def archive_text(archive: zipfile.ZipFile) -> str:
    return "\n".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))


async def everything_is_in(family: Family, told: dict[str, Any], everything: str) -> None:
    """What the household sees on its pages is in the archive."""
    household = await family.get("/household")
    for fact in texts({name: household[name] for name in ("household_id", "name", "address", "guardians", "children")}):
        assert fact in everything, fact
    bookings = (await family.get("/bookings?from=2025-11-01&until=2025-12-31"))["items"]
    assert bookings
    booked = {(line["child_id"], line["date"]) for line in bookings}
    kept = {(sheet["child_id"], day) for sheet in told["reservations"]["sheets"] for day in sheet["days"]}
    assert booked <= kept
    for invoice in await family.get("/invoices"):
        assert invoice["number"] in everything
    for message in (await family.get("/messages"))["items"]:
        assert message["message_id"] in everything
    assert told["billing"]["payments"]
    assert told["requests"]["requests"][0]["answers"] == {"objet": "Cantine", "question": "À quelle heure ?"}


async def nothing_of(stranger: Family, everything: str) -> None:
    household = await stranger.get("/household")
    own = [household["household_id"], stranger.email]
    own += [guardian["guardian_id"] for guardian in household["guardians"]]
    own += [child["child_id"] for child in household["children"]]
    own += [invoice["number"] for invoice in await stranger.get("/invoices")]
    assert [fact for fact in own if fact in everything] == []


async def test_another_family_cannot_fetch_the_archive(families: tuple[Family, Family]) -> None:
    claire, nadia = families
    (export,) = (await claire.get("/me/exports"))["items"]

    refused = await nadia.refused(404, "GET", export["archive_href"])

    assert refused["type"] == "/problems/not-found"


async def test_a_letter_says_that_the_archive_is_ready(preau: Preau, families: tuple[Family, Family]) -> None:
    (mail,) = await preau.mails(families[0].email, subject="Vos données sur Préau sont prêtes")

    assert "archive" in mail["text"]


async def test_an_archive_is_gone_after_a_week(families: tuple[Family, Family], clock: MovableClock) -> None:
    claire, _ = families
    (export,) = (await claire.get("/me/exports"))["items"]
    clock.move_to("2025-12-09")

    gone = await claire.refused(410, "GET", f"/me/exports/{export['export_id']}/archive")

    assert gone["type"] == "/problems/export-over"
    assert gone["next"]


async def erased(preau: Preau, household_id: str) -> None:
    await preau.heard.until(ERASED, household_id=household_id)
    await preau.quiet()


def part_of(report: dict[str, Any], service: str) -> dict[str, Any]:
    (part,) = [one for one in report["services"] if one["service"] == service]
    return dict(part)


async def left_of(preau: Preau, *ids: str) -> dict[str, int]:
    """In how many documents of each collection an identifier stands."""
    found: dict[str, int] = {}
    for service, db in preau.databases.items():
        for name in await db.list_collection_names():
            count = 0
            async for document in db[name].find():
                text = str(document)
                count += any(one in text for one in ids)
            if count:
                found[f"{service}.{name}"] = count
    return found


KEPT_RECORDS = {
    # The proof that it was done, and that the household must not come back: identifiers only.
    "identity.erasures",
    "identity.erased_households",
    "reservations.erased_households",
    "billing.erased_households",
    "notifications.erased_households",
    "requests.erased_households",
    "identity.privacy_answers",
    "reservations.privacy_answers",
    "billing.privacy_answers",
    "notifications.privacy_answers",
    "requests.privacy_answers",
    # What partners may still fetch for thirty days, as from `preau.log`: identifiers only.
    "partners.log",
    # What agents did, for the town's own record.
    "identity.audit_trail",
    "identity.audit_circles",
    "identity.audit",
    "requests.audit",
    "reservations.audit",
    "billing.audit",
}
ACCOUNTING = {
    f"billing.{name}"
    for name in ("invoices", "payments", "orders", "documents", "receipts", "refunds", "deposits", "journal")
}


async def test_an_erased_household_leaves_its_accounting_and_nothing_else(
    preau: Preau, aurore: TownHall, families: tuple[Family, Family]
) -> None:
    claire, _ = families
    invoices = [one["number"] for one in await claire.get("/invoices")]
    child_ids = [child.id for child in claire.children]

    asked = await claire.post("/me/erasure")

    await erased(preau, claire.household_id)
    report = await aurore.manager.get(f"/erasures/{asked['erasure_id']}")
    assert report["state"] == "done"
    assert {part["service"] for part in report["services"]} == preau.databases.keys() - {"partners"}
    kept = {(line["what"], line["reason"]) for line in part_of(report, "billing")["kept"]}
    assert ("invoices", "accounting") in kept
    assert not any(reason == "debt" for _, reason in kept)
    counts = {line["what"]: line["count"] for line in part_of(report, "requests")["erased"]}
    # The copies: names, where it is at home, and each enrolment.
    assert counts.pop("profile_copies") > 1
    assert counts == {"requests": 1, "documents": 1}
    assert invoices
    left = await left_of(preau, claire.household_id, *child_ids, claire.email)
    assert left.keys() <= KEPT_RECORDS | ACCOUNTING, left


async def test_whose_household_is_erased_cannot_sign_in_any_more(families: tuple[Family, Family]) -> None:
    claire, _ = families
    credentials = {"email": claire.email, "password": claire.password}

    answer = await claire.door.ask("POST", "/sessions", credentials)

    assert answer.status == 401


async def test_the_family_is_told_what_the_law_keeps(preau: Preau, families: tuple[Family, Family]) -> None:
    (mail,) = await preau.mails(families[0].email, subject="Votre foyer a été effacé de Préau")

    assert "pièces comptables" in mail["text"]
    assert "dernier message" in mail["text"]


async def test_a_replay_of_everything_told_brings_nothing_back_and_takes_away_what_a_backup_brought(
    preau: Preau, families: tuple[Family, Family]
) -> None:
    claire, _ = families
    before = await left_of(preau, claire.household_id)
    # As a backup would bring them back.
    await preau.databases["reservations"]["carts"].insert_one({"_id": claire.household_id, "lines": [], "version": 1})
    await preau.databases["requests"]["households"].insert_one({"_id": claire.household_id, "children": {}})
    told = list(zip(preau.heard.all, preau.heard.raw, strict=True))

    await replayed(preau, [pair for pair in told if claire.household_id in pair[1].body.decode()])

    assert await left_of(preau, claire.household_id) == before


async def replayed(preau: Preau, told: list[tuple[dict[str, Any], Any]]) -> None:
    known = len(preau.heard.all)
    async with await aio_pika.connect(preau.amqp_url) as connection:
        channel = await connection.channel()
        exchanges = {name: await channel.get_exchange(name) for name in (EVENTS, PROFILES)}
        for envelope, message in told:
            copy = aio_pika.Message(message.body, message_id=message.message_id, content_type=message.content_type)
            exchange = exchanges[EVENTS if message.exchange == EVENTS else PROFILES]
            await exchange.publish(copy, envelope["type"])

    async def heard() -> bool:
        return len(preau.heard.all) >= known + len(told)

    await eventually("the replay", heard)
    await preau.quiet()


async def test_a_household_in_debt_keeps_its_accounting_until_it_paid(
    preau: Preau, aurore: TownHall, families: tuple[Family, Family]
) -> None:
    _, nadia = families
    body = {"household_id": nadia.household_id, "municipality_id": aurore.id, "reason": "Demande écrite du 9 décembre"}

    asked = await aurore.manager.post("/erasures", body)

    await erased(preau, nadia.household_id)
    report = await aurore.manager.get(f"/erasures/{asked['erasure_id']}")
    kept = {(line["what"], line["reason"]): line["until"] for line in part_of(report, "billing")["kept"]}
    assert kept[("invoices", "debt")] is None
    assert ("name_and_address", "debt") in kept
    assert part_of(report, "reservations")["kept"]
    await give_up_the_order(preau, nadia)
    left = await left_of(preau, nadia.household_id, *(child.id for child in nadia.children))
    assert left.keys() <= KEPT_RECORDS | ACCOUNTING | {"billing.households"}, left
    (mail,) = await preau.mails(nadia.email, subject="Votre foyer a été effacé de Préau")
    assert "ne sont pas payées" in mail["text"]


async def give_up_the_order(preau: Preau, family: Family) -> None:
    """The places held when the household went are free again once nobody can pay them any more."""
    found = await preau.databases["reservations"]["orders"].find_one({"household_id": family.household_id})
    assert found
    await preau.lapse(found["_id"])
    await preau.heard.until("reservations.places_released.v1", order_id=found["_id"])
    await preau.quiet()
    await preau.apps["reservations"][JANITOR].clean(preau.clock())
    await preau.apps["billing"][JANITOR].clean(preau.clock())


async def test_nobody_else_can_have_a_household_erased(aurore: TownHall) -> None:
    body = {"household_id": new_id("hsh"), "municipality_id": aurore.id, "reason": "par erreur"}
    registrar = await aurore.agent("registrar")

    refused = await registrar.refused(403, "POST", "/erasures", body)
    unknown = await aurore.manager.refused(404, "POST", "/erasures", body)

    assert (refused["type"], unknown["type"]) == ("/problems/forbidden", "/problems/not-found")
