"""Forty hostile files: nothing of theirs is ever served, and refusing them costs little memory."""

import io
import os

import psutil
import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, NameObject

from tests.requests.conftest import Door
from tests.requests.hostile import MARK, hostile_files
from tests.requests.samples import pdf

MOST_GROWTH_MB = 100
FILES = list(hostile_files())


def resident_mb() -> float:
    return psutil.Process(os.getpid()).memory_info().rss / 1024 / 1024


def test_there_are_forty_and_each_shows_itself() -> None:
    assert len(FILES) >= 40
    assert all(MARK in data or name == "grows when opened" for name, data, _ in FILES)


async def test_nothing_hostile_is_served_and_memory_stays_as_it_is(door: Door) -> None:
    request_id = await door.draft()
    before, served = resident_mb(), list[str]()
    for name, data, declared in FILES:
        status, _ = await door.attach(request_id, data, slot="courrier", declared=declared)
        if status == 200:
            path = f"/api/v1/requests/{request_id}/attachments/courrier"
            async with door.client.get(path, headers=door.parent) as answer:
                served += [name] if MARK in await answer.read() else []
                assert answer.headers["Content-Disposition"].startswith("attachment")
                assert answer.headers["X-Content-Type-Options"] == "nosniff"

    assert served == []
    assert resident_mb() - before < MOST_GROWTH_MB


@pytest.mark.parametrize("name", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "facture.pdf.exe", "%0d%0aX-Evil: 1"])
async def test_the_name_a_client_gives_a_file_is_used_for_nothing(door: Door, name: str) -> None:
    request_id, path = await door.draft(), "attachments/courrier"
    headers = {
        "Content-Type": "application/pdf",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "X-File-Name": name,
    }
    status, _ = await door.call("PUT", f"/requests/{request_id}/{path}", door.parent, data=pdf(), headers=headers)

    async with door.client.get(f"/api/v1/requests/{request_id}/{path}", headers=door.parent) as answer:
        assert (status, answer.headers["Content-Disposition"]) == (200, 'attachment; filename="courrier.pdf"')
        assert "X-Evil" not in answer.headers
    assert name not in str([document async for document in door.db["file_records"].find({})])


async def test_a_document_that_only_says_where_to_begin_is_taken(door: Door) -> None:
    writer, drawn = PdfWriter(), io.BytesIO()
    page = writer.add_blank_page(200, 200)
    writer.root_object[NameObject("/OpenAction")] = ArrayObject([page.indirect_reference, NameObject("/Fit")])
    writer.write(drawn)

    assert (await door.attach(await door.draft(), drawn.getvalue()))[0] == 200


async def test_a_program_in_a_document_is_told_apart(door: Door) -> None:
    _, data, declared = next(one for one in FILES if one[0] == "script at opening")

    status, problem = await door.attach(await door.draft(), data, declared=declared)

    assert (status, problem["type"]) == (422, "/problems/file-active")
