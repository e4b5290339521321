"""Asking for everything about one's household, and fetching it; the other services are played here."""

import base64
import hashlib
import io
import json
import zipfile

import pytest

from services.identity.domain.exports import LIFE, SERVICES
from services.identity.usecases.exports import gather_piece
from shared.contracts import Told
from shared.contracts.privacy import ExportAsked, ExportedFile, ExportPartGiven
from shared.privacy import give_export
from tests.identity.conftest import Door
from tests.identity.samples import MAIL, PASSWORD, MovableClock

EXPORTS = "me/exports"
LARGE = bytes(range(256)) * 3000


@pytest.fixture
async def claire(door: Door) -> dict[str, str]:
    return await door.joined()


async def hear(door: Door, *events: ExportPartGiven) -> None:
    for event in events:
        told = Told(event=event, id="1", subject="s", sequence=1, municipality_id="", time=door.parts.clock())
        await gather_piece(
            told, exports=door.parts.privacy.exports, accounts=door.parts.accounts, clock=door.parts.clock
        )


def given(export_id: str, service: str, name: str, content: bytes, *, size: int = 300_000) -> list[ExportPartGiven]:
    """One file of a service, in pieces, and the end of its answer."""
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    sha256 = hashlib.sha256(content).hexdigest()
    about = {"export_id": export_id, "service": service}
    pieces = [
        ExportPartGiven(
            **about,
            name=name,
            media_type="application/pdf",
            sha256=sha256,
            content=base64.b64encode(chunk).decode(),
            chunk=number,
            chunks=len(chunks),
        )
        for number, chunk in enumerate(chunks)
    ]
    file = ExportedFile(name=name, media_type="application/pdf", sha256=sha256, chunks=len(chunks))
    return [*pieces, ExportPartGiven(**about, last=True, files=(file,))]


def nothing(export_id: str, service: str) -> ExportPartGiven:
    return ExportPartGiven(export_id=export_id, service=service, last=True)


async def asked(door: Door, headers: dict[str, str]) -> str:
    status, export = await door.post(EXPORTS, headers=headers)
    assert (status, export["state"]) == (202, "gathering"), export
    return str(export["export_id"])


async def own_part(door: Door, export_id: str) -> list[ExportPartGiven]:
    """What identity itself answers."""
    (told,) = [one for one in await door.told("privacy.export_asked.v1") if one["data"]["export_id"] == export_id]
    event = ExportAsked(**told["data"])
    heard = Told(event=event, id="1", subject="s", sequence=1, municipality_id="", time=door.parts.clock())
    private = door.parts.privacy.heard
    await give_export(heard, holdings=private["holdings"], answers=private["answers"], clock=door.parts.clock)
    parts = [ExportPartGiven(**one["data"]) for one in await door.told("privacy.export_part_given.v1")]
    return [part for part in parts if part.export_id == export_id]


async def complete(door: Door, export_id: str) -> None:
    await hear(door, *await own_part(door, export_id), *given(export_id, "billing", "invoices/F1.pdf", LARGE))
    await hear(door, *(nothing(export_id, service) for service in ("reservations", "notifications", "requests")))


async def fetched(door: Door, headers: dict[str, str], export_id: str) -> tuple[int, bytes]:
    async with door.client.get(f"/api/v1/{EXPORTS}/{export_id}/archive", headers=headers) as answer:
        return answer.status, await answer.read()


async def test_an_export_is_told_to_every_service_with_ids_only(door: Door, claire: dict[str, str]) -> None:
    export_id = await asked(door, claire)

    (told,) = await door.told("privacy.export_asked.v1")
    assert told["subject"] == export_id
    assert set(told["data"]) == {"export_id", "household_id", "account_id", "municipality_ids", "former_ids"}


async def test_asking_again_within_the_hour_is_the_same_export(
    door: Door, claire: dict[str, str], clock: MovableClock
) -> None:
    first = await asked(door, claire)
    clock.pass_(minutes=5)

    assert await asked(door, claire) == first
    assert len(await door.told("privacy.export_asked.v1")) == 1


async def test_who_signed_in_long_ago_proves_who_they_are_first(
    door: Door, claire: dict[str, str], clock: MovableClock
) -> None:
    clock.pass_(minutes=9)
    status, _ = await door.post(EXPORTS, headers=claire)
    assert status == 202
    session = door.db["sessions"]
    await session.update_many({}, {"$set": {"authenticated_at": clock.now.replace(hour=0)}})

    status, problem = await door.post(EXPORTS, headers=claire)

    assert (status, problem["type"]) == (403, "/problems/sign-in-again")


async def test_the_archive_is_ready_when_every_service_gave_everything(door: Door, claire: dict[str, str]) -> None:
    export_id = await asked(door, claire)
    status, problem = await door.get(f"{EXPORTS}/{export_id}/archive", claire)
    assert (status, problem["type"]) == (409, "/problems/export-not-ready")

    await complete(door, export_id)

    (letter,) = await door.told("privacy.export_ready.v1")
    assert letter["data"]["email"] == MAIL
    status, found = await door.get(EXPORTS, claire)
    assert [one["state"] for one in found["items"]] == ["ready"]
    status, content = await fetched(door, claire, export_id)
    assert status == 200
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert archive.namelist() == ["LISEZ-MOI.txt", "identity.json", "invoices/F1.pdf"]
    assert archive.read("invoices/F1.pdf") == LARGE


async def test_identity_gives_the_household_the_accounts_and_the_file_without_any_secret(
    door: Door, claire: dict[str, str]
) -> None:
    export_id = await asked(door, claire)

    (file, _) = await own_part(door, export_id)

    content = base64.b64decode(file.content).decode()
    told = json.loads(content)
    assert [child["first_name"] for child in told["household"][0]["children"]] == ["Jeanne", "Émile"]
    assert told["accounts"][0]["email"] == MAIL
    assert told["files_of_the_towns"][0]["family"]["address"]
    assert told["sessions"]
    assert not any(word in content for word in ("argon2", "_hash", "secret", "outbox"))


@pytest.mark.parametrize("missing", SERVICES)
async def test_one_service_that_has_not_answered_keeps_everybody_waiting(
    door: Door, claire: dict[str, str], missing: str
) -> None:
    export_id = await asked(door, claire)
    await hear(door, *(nothing(export_id, service) for service in SERVICES if service != missing))
    assert await door.told("privacy.export_ready.v1") == []

    await hear(door, nothing(export_id, missing))

    assert len(await door.told("privacy.export_ready.v1")) == 1


async def test_pieces_may_come_in_any_order_and_twice(door: Door, claire: dict[str, str]) -> None:
    export_id = await asked(door, claire)
    pieces = given(export_id, "billing", "a.pdf", LARGE)
    others = [nothing(export_id, service) for service in SERVICES if service != "billing"]

    await hear(door, *others, *reversed(pieces), *pieces, *others)

    assert len(await door.told("privacy.export_ready.v1")) == 1
    _, content = await fetched(door, claire, export_id)
    assert zipfile.ZipFile(io.BytesIO(content)).read("a.pdf") == LARGE


async def test_a_service_that_crashed_and_gave_a_newer_file_does_not_spoil_it(
    door: Door, claire: dict[str, str]
) -> None:
    export_id = await asked(door, claire)
    await hear(door, *given(export_id, "billing", "a.pdf", b"half told before the crash" * 20_000)[:1])
    await hear(door, *(nothing(export_id, service) for service in SERVICES if service != "billing"))

    await hear(door, *given(export_id, "billing", "a.pdf", LARGE))

    _, content = await fetched(door, claire, export_id)
    assert zipfile.ZipFile(io.BytesIO(content)).read("a.pdf") == LARGE


async def test_pieces_nobody_waits_for_are_not_kept(door: Door, claire: dict[str, str]) -> None:
    await hear(door, *given("exp_unknown", "billing", "a.pdf", b"a"))

    assert await door.db["export_parts"].count_documents({}) == 0


async def test_what_is_gathered_is_sealed(door: Door, claire: dict[str, str]) -> None:
    export_id = await asked(door, claire)
    await complete(door, export_id)

    kept = await door.db["export_parts"].find().to_list(None)
    assert kept
    assert not any(b"Jeanne" in bytes(one["content"]) for one in kept)


async def test_after_a_week_the_archive_is_gone(door: Door, claire: dict[str, str], clock: MovableClock) -> None:
    export_id = await asked(door, claire)
    await complete(door, export_id)
    clock.now += LIFE
    headers = await signed_in(door)

    status, content = await fetched(door, headers, export_id)

    assert status == 410
    assert json.loads(content)["next"]


async def signed_in(door: Door) -> dict[str, str]:
    status, session = await door.post("sessions", {"email": MAIL, "password": PASSWORD})
    assert status == 201, session
    return {"Authorization": f"Bearer {session['access_token']}"}


async def test_nobody_else_fetches_it(door: Door, claire: dict[str, str]) -> None:
    export_id = await asked(door, claire)
    await complete(door, export_id)
    (told,) = await door.told("privacy.export_asked.v1")
    other_guardian = door.issuer.guardian(told["data"]["household_id"], account_id="acc_other")
    stranger = door.issuer.guardian("hsh_stranger")

    answers = [await fetched(door, headers, export_id) for headers in (other_guardian, stranger, door.manager)]

    assert [status for status, _ in answers] == [404, 404, 403]
