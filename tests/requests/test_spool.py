"""Where uploads wait: whole, seekable, unreadable on disk, gone afterwards."""

import io
from pathlib import Path

import pytest
from PIL import Image

from services.requests.app.spool import IN_MEMORY, DiskSpool, DiskSpools, SealedFile
from tests.requests.filing_cabinet import whole
from tests.requests.samples import picture

LARGE = b"Camille Martin, 3 rue des Lilas. " * 50_000


@pytest.fixture
def spools(tmp_path: Path) -> DiskSpools:
    return DiskSpools(str(tmp_path))


async def test_what_is_written_comes_back_in_pieces(spools: DiskSpools) -> None:
    with spools.new() as spool:
        for at in range(0, len(LARGE), 9_999):
            await spool.write(LARGE[at : at + 9_999])

        assert await spool.size() == len(LARGE)
        assert await whole(spool.pieces()) == LARGE
        assert await whole(spool.pieces()) == LARGE


async def test_nothing_written_is_an_empty_file(spools: DiskSpools) -> None:
    with spools.new() as spool:
        assert (await spool.size(), await whole(spool.pieces())) == (0, b"")


def test_any_place_can_be_read_by_itself() -> None:
    with SealedFile() as file:
        file.write(LARGE)
        for place in (0, 1, 15, 16, 17, 1_000_000, len(LARGE) - 1, len(LARGE)):
            file.seek(place)
            assert file.read(40) == LARGE[place : place + 40]


def test_what_lies_on_disk_says_nothing(tmp_path: Path) -> None:
    with SealedFile(str(tmp_path)) as file:
        file.write(LARGE)
        under = file._under
        under.seek(0)

        assert len(LARGE) > IN_MEMORY
        assert b"Camille" not in under.read()
        assert list(tmp_path.iterdir()) == []


async def test_a_decoder_draws_into_one() -> None:
    spool = DiskSpool()
    with Image.open(io.BytesIO(picture("PNG", size=(300, 200)))) as image:
        image.save(await spool.settled(), "PNG")

    with Image.open(io.BytesIO(await whole(spool.pieces()))) as image:
        assert image.size == (300, 200)
    spool.close()


async def test_a_closed_one_is_gone(spools: DiskSpools) -> None:
    with spools.new() as spool:
        await spool.write(b"a")
        file = await spool.settled()

    with pytest.raises(ValueError, match="closed"):
        file.read()
