"""The commands of operators: registering sites, rotating keys."""

import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.identity import __main__ as command
from services.identity.app import register_sites
from services.identity.domain.sites import SiteFile
from services.identity.settings import Settings
from services.identity.store import SCHEMA, ClientStore, Sealer, rotate_sealing_key
from shared import mongo
from shared.errors import Conflict
from shared.mongo import Client, Database
from tests.identity.samples import MovableClock

SITE: dict[str, Any] = {
    "client_id": "paiement",
    "name": "Site de paiement",
    "redirect_uris": ["https://paiement.example/retour"],
    "scopes": ["openid", "email"],
}


@pytest.fixture
async def own(mongo_client: Client) -> AsyncIterator[Database]:
    name = f"test_identity_{uuid4().hex}"
    database = mongo.database(mongo_client, name)
    await mongo.apply(database, SCHEMA)
    yield database
    await mongo_client.drop_database(name)


@pytest.fixture
def served(settings: Settings, mongo_url: str, own: Database) -> Settings:
    return settings.model_copy(update={"mongo_url": mongo_url, "mongo_database": own.name})


def site(**changes: Any) -> SiteFile:
    return SiteFile.model_validate_json(json.dumps({**SITE, **changes}))


async def test_a_site_gets_its_secret_once_and_repeating_changes_nothing(
    served: Settings, own: Database, clock: MovableClock
) -> None:
    (first,) = await register_sites(served, [site()])
    (again,) = await register_sites(served, [site()])
    known = await ClientStore(own, lambda _: None).find("paiement")

    assert first.secret
    assert again.secret is None
    assert known
    assert (known.kind, known.version, known.scopes) == ("site", 1, {"openid", "email"})
    assert known.accepts(first.secret, clock())


async def test_a_site_may_bring_its_own_secret_and_change_it(
    served: Settings, own: Database, clock: MovableClock
) -> None:
    for secret in ("a" * 40, "a" * 40, "b" * 40):
        (done,) = await register_sites(served, [site(secret=secret)])
        assert done.secret is None

    known = await ClientStore(own, lambda _: None).find("paiement")
    assert known
    assert len(known.secrets) == 2
    assert known.accepts("b" * 40, clock())


async def test_a_public_site_has_no_secret(served: Settings, own: Database) -> None:
    (done,) = await register_sites(served, [site(public=True)])

    known = await ClientStore(own, lambda _: None).find("paiement")
    assert done.secret is None
    assert known
    assert not known.confidential


async def test_a_partner_s_account_is_never_made_a_site(served: Settings, own: Database) -> None:
    await register_sites(served, [site()])
    await own["clients"].update_one({"_id": "paiement"}, {"$set": {"kind": "partner"}})

    with pytest.raises(Conflict):
        await register_sites(served, [site()])


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What the command reads."""
    for name in ("http_port", "jwks_url", "mongo_url", "mongo_database", "amqp_url", "signing_key_file"):
        monkeypatch.setenv(f"IDENTITY_{name.upper()}", str(getattr(settings, name)))
    return settings


def test_a_file_that_is_not_right_is_refused_without_quoting_it(
    environment: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "site.json"
    path.write_text(json.dumps({**SITE, "secret": "motdepasse", "public": True, "redirect_uris": ["http://x.example"]}))

    assert command.main(["register-site", str(path)]) == 1

    said = capsys.readouterr()
    assert "redirect_uris" in said.err
    assert "motdepasse" not in said.err + said.out
    assert command.main(["register-site", str(tmp_path / "none.json")]) == 1


def test_keys_are_rotated_once_until_they_serve(environment: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings = environment
    sealed = Sealer(settings.sealing_file).seal(b"secret", "place")

    said = []
    for _ in range(2):
        assert command.main(["rotate-keys"]) == 0
        said.append(json.loads(capsys.readouterr().out))

    assert said[0] == said[1]
    assert set(said[0]) == {"signs_from", "former_published_until", "seals_from"}
    for path in (settings.signing_key_file, settings.sealing_file):
        assert len(json.loads(path.read_text())["keys"]) == 2
    assert stat.S_IMODE(settings.sealing_file.stat().st_mode) == 0o600
    assert Sealer(settings.sealing_file).open(sealed, "place") == b"secret"


def test_what_the_fresh_key_sealed_opens_beside_what_the_former_did(settings: Settings, clock: MovableClock) -> None:
    sealer = Sealer(settings.sealing_file, clock, look_every=0)
    before = sealer.seal(b"old", "place")
    rotate_sealing_key(settings.sealing_file, clock, lead=3600)
    meanwhile = sealer.seal(b"same", "place")
    clock.pass_(hours=1)
    after = sealer.seal(b"new", "place")

    assert before.partition(b":")[0] == meanwhile.partition(b":")[0] != after.partition(b":")[0]
    assert [sealer.open(one, "place") for one in (before, meanwhile, after)] == [b"old", b"same", b"new"]


@pytest.mark.parametrize("words", [["register-site"], ["rotate-keys", "now"], ["unknown"]])
def test_a_command_that_means_nothing_is_answered_with_how_to_use_it(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(words) == 2
    assert "usage:" in capsys.readouterr().err
