"""The list of passwords stolen elsewhere, searched on disk."""

import hashlib
import random
from pathlib import Path

import pytest

from services.identity.domain.passwords import PasswordBreached
from services.identity.store import BreachedList
from services.identity.usecases.passwords import Passwords
from tests.identity.accounts import FORM
from tests.identity.conftest import Door
from tests.identity.test_usecases import FakeHashes

KNOWN = "quatre girafes sous la pluie"


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def published(path: Path, passwords: list[str], *, end: str = "\r\n", last: bool = True) -> Path:
    """As it is published: digests in order, how often each was seen, lines that end as on Windows."""
    lines = sorted(f"{digest(one)}:{number * 37 % 5_000_000 + 1}" for number, one in enumerate(passwords))
    path.write_bytes((end.join(lines) + (end if last else "")).encode())
    return path


@pytest.mark.parametrize("count", [1, 2, 3, 10, 1_000])
@pytest.mark.parametrize(("end", "last"), [("\r\n", True), ("\n", True), ("\n", False), ("\r\n", False)])
async def test_every_password_of_the_list_is_found_and_no_other(
    tmp_path: Path, count: int, end: str, last: bool
) -> None:
    passwords = [f"password {number}" for number in range(count)]
    breached = BreachedList(published(tmp_path / "list", passwords, end=end, last=last))

    asked = passwords if count < 100 else random.Random(7).sample(passwords, 60)
    assert all([await breached.has(one) for one in asked])
    assert not any([await breached.has(f"another {number}") for number in range(60)])


async def test_an_empty_list_and_no_list_know_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()

    assert not await BreachedList(empty).has(KNOWN)
    assert not await BreachedList(None).has(KNOWN)
    assert not await BreachedList(Path()).has(KNOWN)


async def test_a_list_in_small_letters_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("\n".join(sorted(f"{digest(one).lower()}:1" for one in ("a", "b", KNOWN))))

    assert await BreachedList(path).has(KNOWN)


def test_a_list_that_is_not_there_is_said_at_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        BreachedList(tmp_path / "nowhere")


async def test_a_stolen_password_is_refused_however_strong_it_looks(tmp_path: Path) -> None:
    passwords = Passwords(hashes=FakeHashes(), breached=BreachedList(published(tmp_path / "list", [KNOWN, "b"])))

    with pytest.raises(PasswordBreached):
        await passwords.chosen(KNOWN, about=())
    assert await passwords.chosen("sept nuages au-dessus du phare", about=()) != ""


async def test_the_family_is_told_why_in_french_and_what_to_do(door: Door, tmp_path: Path) -> None:
    object.__setattr__(door.parts.passwords, "breached", BreachedList(published(tmp_path / "list", [KNOWN, "b"])))
    status, problem = await door.post("accounts", {**FORM, "password": KNOWN})

    assert (status, problem["type"]) == (422, "/problems/password-breached")
    assert "liste volée" in problem["detail"]
    assert problem["next"].startswith("Choisissez-en un autre")
