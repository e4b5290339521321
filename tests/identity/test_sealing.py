"""Secrets at rest: what is sealed opens only with the key, unaltered and in its place."""

import json
from pathlib import Path

import pytest

from services.identity.store.sealing import SealBroken, Sealer, new_sealing_key, write_first_sealing_key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "encryption-keys.json"
    assert write_first_sealing_key(path)
    return path


def test_what_is_sealed_opens_again_and_shows_nothing(path: Path) -> None:
    sealer = Sealer(path)
    sealed = sealer.seal("clé secrète".encode(), "app:acc_1")

    assert sealer.open(sealed, "app:acc_1").decode() == "clé secrète"
    assert "secrète".encode() not in sealed
    assert sealer.seal(b"x", "p") != sealer.seal(b"x", "p")


def test_what_is_sealed_for_one_place_opens_in_no_other(path: Path) -> None:
    sealer = Sealer(path)
    with pytest.raises(SealBroken):
        sealer.open(sealer.seal(b"x", "app:acc_1"), "app:acc_2")


@pytest.mark.parametrize("at", [0, 10, 15, -1])
def test_an_altered_byte_opens_nothing(path: Path, at: int) -> None:
    sealer = Sealer(path)
    sealed = bytearray(sealer.seal(b"secret", "p"))
    sealed[at] ^= 1

    with pytest.raises(SealBroken):
        sealer.open(bytes(sealed), "p")


@pytest.mark.parametrize("sealed", [b"", b":", b"unknown:0123456789abcdef", b"k"])
def test_what_was_never_sealed_opens_nothing(path: Path, sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        Sealer(path).open(sealed, "p")


def test_another_installation_s_key_opens_nothing(path: Path, tmp_path: Path) -> None:
    sealed = Sealer(path).seal(b"x", "p")
    write_first_sealing_key(tmp_path / "other.json")

    with pytest.raises(SealBroken):
        Sealer(tmp_path / "other.json").open(sealed, "p")


def test_a_following_key_seals_and_the_former_still_opens(path: Path) -> None:
    sealed = Sealer(path).seal(b"x", "p")
    keys = json.loads(path.read_text())["keys"]
    path.write_text(json.dumps({"keys": [*keys, {**new_sealing_key(), "serves_from": 1}]}))
    both = Sealer(path)

    assert both.open(sealed, "p") == b"x"
    assert both.seal(b"x", "p").partition(b":")[0] != sealed.partition(b":")[0]


def test_the_key_file_is_written_once_for_its_owner_only(path: Path) -> None:
    before = path.read_text()

    assert not write_first_sealing_key(path)
    assert path.read_text() == before
    assert path.stat().st_mode & 0o777 == 0o600
