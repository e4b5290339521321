"""Documents over HTTP: how they come in, what is refused, how they go out."""

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from services.requests.domain.files import FILE_BYTES, QUOTA_BYTES, Home
from services.requests.store import QuotaStore
from shared.auth import Role
from tests.requests.conftest import Door
from tests.requests.filing_cabinet import large_pdf
from tests.requests.samples import HOUSEHOLD, NOW, TOWN, bomb, pdf, picture


async def in_pieces(data: bytes, times: int = 1) -> AsyncIterator[bytes]:
    for _ in range(times):
        yield data


async def stored(door: Door) -> int:
    """How many files there are, whole or not."""
    return len(await door.db["attachments.chunks"].distinct("files_id"))


@pytest.mark.parametrize(
    ("data", "declared", "suffix"),
    [
        (pdf(), "application/pdf", "pdf"),
        (picture("JPEG"), "image/jpeg", "jpg"),
        (picture("PNG"), "image/png", "png"),
    ],
)
async def test_a_document_comes_back_to_be_saved_and_never_to_be_run(
    door: Door, data: bytes, declared: str, suffix: str
) -> None:
    request_id = await door.draft()
    status, attachment = await door.attach(request_id, data, declared=declared)

    path = f"/api/v1/requests/{request_id}/attachments/piece-identite"
    async with door.client.get(path, headers=door.parent) as answer:
        body = await answer.read()

    assert status == 200
    assert attachment == {
        "slot": "piece-identite",
        "name": "Pièce d'identité",
        "media_type": declared,
        "bytes": len(body),
        "added_at": "2026-11-20T09:00:00Z",
        "state": "clean",
        "scanned": False,
        "gone_at": None,
    }
    assert answer.headers["Content-Type"] == declared
    assert answer.headers["Content-Disposition"] == f'attachment; filename="piece-identite.{suffix}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-store"


async def test_a_document_of_many_pieces_comes_back_whole(door: Door) -> None:
    data = large_pdf(3_000_000)
    request_id = await door.draft()

    assert (await door.attach(request_id, data))[0] == 200
    async with door.client.get(
        f"/api/v1/requests/{request_id}/attachments/piece-identite", headers=door.parent
    ) as answer:
        assert await answer.read() == data


async def test_agents_of_the_town_read_the_documents_of_a_filed_request(door: Door) -> None:
    request_id = await door.filed()
    path = f"/api/v1/requests/{request_id}/attachments/piece-identite"

    for role in (Role.REGISTRAR, Role.MANAGER):
        async with door.client.get(path, headers=door.agent(role)) as answer:
            assert await answer.read() == pdf()


async def test_agents_do_not_read_the_documents_of_a_draft(door: Door) -> None:
    request_id = await door.draft()
    await door.attach(request_id, pdf())

    assert (await door.call("GET", f"/requests/{request_id}/attachments/piece-identite", door.agent()))[0] == 404


async def test_a_new_document_takes_the_place_of_the_old_one(door: Door) -> None:
    request_id = await door.draft()
    await door.attach(request_id, pdf())
    await door.attach(request_id, picture("PNG"), declared="image/png")

    _, request = await door.call("GET", f"/requests/{request_id}", door.parent)

    assert [(kept["slot"], kept["media_type"]) for kept in request["attachments"]] == [("piece-identite", "image/png")]
    assert await stored(door) == 1


@pytest.mark.parametrize(
    ("data", "declared", "status", "code"),
    [
        (b"<!DOCTYPE html><script>alert(1)</script>", "application/pdf", 415, "file-kind-refused"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/png", 415, "file-kind-refused"),
        (b"PK\x03\x04" + b"\0" * 100, "application/pdf", 415, "file-kind-refused"),
        (b"", "application/pdf", 415, "file-kind-refused"),
        (pdf(), "image/jpeg", 415, "declared-kind-differs"),
        (picture("PNG"), "image/jpeg", 415, "declared-kind-differs"),
        (b"%PDF-1.7 <html><script>alert(1)</script></html>", "application/pdf", 422, "file-unreadable"),
        (picture("JPEG")[:200], "image/jpeg", 422, "file-unreadable"),
        (pdf(password="secret"), "application/pdf", 422, "file-protected"),
        (bomb(), "image/png", 422, "image-too-large"),
        (pdf(), "text/html", 415, "wrong-media-type"),
        (pdf(), "application/octet-stream", 415, "wrong-media-type"),
        (pdf(), "multipart/form-data", 415, "wrong-media-type"),
    ],
)
async def test_a_file_that_is_not_what_is_asked_is_refused_and_not_kept(
    door: Door, data: bytes, declared: str, status: int, code: str
) -> None:
    request_id = await door.draft()

    found, problem = await door.attach(request_id, data, declared=declared)

    assert (found, problem["type"]) == (status, f"/problems/{code}")
    assert await stored(door) == 0


async def test_the_accepted_kinds_are_told(door: Door) -> None:
    _, problem = await door.attach(await door.draft(), b"Bonjour, voici mon document.")

    assert problem["detail"] == "Seuls ces types de fichiers sont acceptés : PDF, JPEG, PNG."


async def test_a_file_announced_too_large_is_refused(door: Door) -> None:
    status, problem = await door.attach(await door.draft(), pdf() + b"\0" * FILE_BYTES)

    assert (status, problem["type"]) == (413, "/problems/too-large")


async def test_a_file_that_turns_out_too_large_is_refused_on_the_way(door: Door) -> None:
    request_id = await door.draft()
    endless = in_pieces(pdf() + b"\0" * 500_000, times=60)

    path, headers = f"/api/v1/requests/{request_id}/attachments/courrier", {"Content-Type": "application/pdf"}
    async with door.client.put(path, headers={**door.parent, **headers}, data=endless) as answer:
        problem = await answer.json()

    assert (answer.status, problem["type"]) == (413, "/problems/too-large")
    assert await stored(door) == 0


async def test_a_file_without_announced_length_is_taken(door: Door) -> None:
    request_id = await door.draft()

    path, headers = f"/api/v1/requests/{request_id}/attachments/courrier", {"Content-Type": "application/pdf"}
    async with door.client.put(path, headers={**door.parent, **headers}, data=in_pieces(pdf())) as answer:
        assert answer.status == 200


async def fill(door: Door, left: int) -> None:
    """Other drafts of the household leave room for so many bytes."""
    home = Home(household_id=HOUSEHOLD, municipality_id=TOWN, request_id="req_other")
    await QuotaStore(door.db).reserve("fil_other", home, QUOTA_BYTES - left, instead_of=None, at=NOW)


async def test_the_drafts_of_a_household_have_a_limit_together(door: Door) -> None:
    await fill(door, left=len(pdf()) * 2 - 1)

    first = await door.attach(await door.draft(), pdf())
    status, problem = await door.attach(await door.draft(), pdf())

    assert first[0] == 200
    assert (status, problem["type"]) == (429, "/problems/files-quota-reached")
    assert problem["detail"] == "Les pièces jointes de vos brouillons ne peuvent pas dépasser 100 Mo ensemble."
    assert await stored(door) == 1


async def test_a_document_is_replaced_though_the_room_is_full(door: Door) -> None:
    await fill(door, left=len(pdf()))
    request_id = await door.draft()

    assert [(await door.attach(request_id, pdf()))[0] for _ in range(3)] == [200, 200, 200]


async def test_a_draft_dropped_or_filed_leaves_its_room(door: Door) -> None:
    await fill(door, left=len(pdf()))
    dropped = await door.draft()
    await door.attach(dropped, pdf())
    await door.call("DELETE", f"/requests/{dropped}", door.parent)
    await door.filed()

    assert (await door.attach(await door.draft(), pdf()))[0] == 200


@pytest.mark.parametrize("slot", ["photo", "..%2F..%2Fetc%2Fpasswd", "$ne", "piece-identite.kind", "%00"])
async def test_a_slot_the_category_has_not_is_not_found(door: Door, slot: str) -> None:
    request_id = await door.draft()

    assert (await door.attach(request_id, pdf(), slot=slot))[0] == 404
    assert (await door.call("GET", f"/requests/{request_id}/attachments/{slot}", door.parent))[0] == 404


async def test_an_empty_slot_is_not_found(door: Door) -> None:
    assert (await door.call("GET", f"/requests/{await door.draft()}/attachments/courrier", door.parent))[0] == 404


async def test_another_household_puts_nothing(door: Door) -> None:
    assert (await door.attach(await door.draft(), pdf(), caller=door.stranger))[0] == 404


async def test_agents_put_nothing(door: Door) -> None:
    assert (await door.attach(await door.draft(), pdf(), caller=door.agent(Role.MANAGER)))[0] == 403


async def test_a_filed_request_takes_no_more_documents(door: Door) -> None:
    status, problem = await door.attach(await door.filed(), pdf(), slot="courrier")

    assert (status, problem["type"]) == (409, "/problems/already-filed")


async def test_uploads_at_the_same_moment_leave_one_document_in_the_slot(door: Door) -> None:
    request_id = await door.draft()

    answers = await asyncio.gather(*(door.attach(request_id, pdf(pages)) for pages in range(1, 5)))

    assert [status for status, _ in answers] == [200] * 4
    assert await stored(door) == 1


async def test_a_photo_keeps_no_place(door: Door) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 24.0)
    request_id = await door.draft()
    await door.attach(request_id, picture("JPEG", exif=exif.tobytes()), declared="image/jpeg")

    path = f"/api/v1/requests/{request_id}/attachments/piece-identite"
    async with door.client.get(path, headers=door.parent) as answer:
        with Image.open(io.BytesIO(await answer.read())) as image:
            assert dict(image.getexif()) == {}
