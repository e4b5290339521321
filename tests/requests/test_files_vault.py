"""What lies at rest opens with its own key only, whole, in order, for the file it belongs to."""

from collections.abc import AsyncIterator

import pytest

from services.requests.domain.file_refusals import NoFilesKey
from services.requests.store.files.vault import (
    CHUNK_BYTES,
    SEALED_BYTES,
    Unsealable,
    Vault,
    opened_chunks,
    sealed_chunks,
)
from shared.sealed import SecretsKeyWrong
from tests.requests.filing_cabinet import FILES_KEY, NEWER_KEY, pieces, whole

KEY = b"k" * 32
LARGE = bytes(range(256)) * 3_000


async def sealed(data: bytes, key: bytes = KEY) -> list[bytes]:
    return [chunk async for chunk in sealed_chunks(key, pieces(data, 70_000))]


async def opened(chunks: list[bytes], key: bytes = KEY) -> bytes:
    async def again() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return await whole(opened_chunks(key, again()))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, len(LARGE)])
async def test_a_file_of_any_size_comes_back(size: int) -> None:
    assert await opened(await sealed(LARGE[:size])) == LARGE[:size]


async def test_chunks_arrive_however_the_store_cuts_them() -> None:
    together = b"".join(await sealed(LARGE))

    assert await whole(opened_chunks(KEY, pieces(together, 1_000_003))) == LARGE
    assert await whole(opened_chunks(KEY, pieces(together, 999))) == LARGE


async def test_nothing_of_it_can_be_read_at_rest() -> None:
    chunks = await sealed(b"Camille Martin " * 50_000)

    assert b"Camille" not in b"".join(chunks)
    assert {len(chunk) for chunk in chunks[:-1]} == {SEALED_BYTES}


async def test_the_same_file_twice_shows_no_likeness() -> None:
    vault = Vault(FILES_KEY)
    (one, _), (other, _) = vault.new_key("fil_1"), vault.new_key("fil_2")

    assert set(await sealed(LARGE, one)).isdisjoint(await sealed(LARGE, other))


async def test_chunks_moved_left_out_or_cut_off_do_not_open() -> None:
    first, second, last = await sealed(LARGE)

    for broken in ([second, first, last], [first, last], [first, second], [first, second, last[:-1]], []):
        with pytest.raises(Unsealable):
            await opened(broken)


async def test_a_changed_bit_does_not_open() -> None:
    chunk = (await sealed(b"abc"))[0]

    with pytest.raises(Unsealable):
        await opened([bytes([chunk[0] ^ 1]) + chunk[1:]])


def test_a_key_opens_for_its_own_file_only() -> None:
    vault = Vault(FILES_KEY)
    key, kept = vault.new_key("fil_1")

    assert vault.key_of(kept, "fil_1") == key
    with pytest.raises(Unsealable):
        vault.key_of(kept, "fil_2")


def test_a_key_put_in_front_opens_what_the_older_one_sealed() -> None:
    key, kept = Vault(FILES_KEY).new_key("fil_1")
    newer = Vault(NEWER_KEY)

    renewed = newer.renewed(kept, "fil_1")

    assert newer.key_of(kept, "fil_1") == newer.key_of(renewed, "fil_1") == key
    assert (kept.partition(".")[0], renewed.partition(".")[0]) == ("k1", "k2")


@pytest.mark.parametrize("kept", ["", "k1", "k9.AAAA", "k1.§", "k1.AAAA"])
def test_what_was_never_sealed_does_not_open(kept: str) -> None:
    with pytest.raises(Unsealable):
        Vault(FILES_KEY).key_of(kept, "fil_1")


def test_without_a_key_nothing_is_taken() -> None:
    with pytest.raises(NoFilesKey):
        Vault("").new_key("fil_1")


@pytest.mark.parametrize("setting", ["k1", "k1:12", f"K1:{'0a' * 32}", f"{FILES_KEY},{FILES_KEY}"])
def test_a_wrong_setting_is_told_without_being_repeated(setting: str) -> None:
    with pytest.raises(SecretsKeyWrong) as told:
        Vault(setting)

    assert "0a" not in str(told.value)
