"""The key file: made once, for its owner only, with room for the next key."""

import json
import stat
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import KeySet

from services.identity.store import SigningKeys, TokenSigner, rotate_signing_key, write_first_key
from shared.auth import Caller
from tests.identity.samples import MovableClock


def test_the_first_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key.json"

    assert write_first_key(path)
    first = path.read_text()
    assert not write_first_key(path)
    assert path.read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_key_is_published_before_it_signs(tmp_path: Path) -> None:
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    for path in paths:
        write_first_key(path)
    one, two = (json.loads(path.read_text())["keys"][0] for path in paths)
    paths[0].write_text(json.dumps({"keys": [one, two]}))
    keys = SigningKeys(paths[0])
    token = TokenSigner(keys, "preau", MovableClock()).sign(Caller(account_id="acc_1"))

    published = keys.published()
    assert [key["kid"] for key in published["keys"]] == [one["kid"], two["kid"]]
    assert all("d" not in key for key in published["keys"])
    decoded = jwt.decode(token, KeySet.import_key_set(published), algorithms=["ES256"])
    assert decoded.header["kid"] == one["kid"]


def test_a_token_of_the_former_key_is_verified_after_the_change(tmp_path: Path) -> None:
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    for path in paths:
        write_first_key(path)
    one, two = (json.loads(path.read_text())["keys"][0] for path in paths)
    token = TokenSigner(SigningKeys(paths[0]), "preau", MovableClock()).sign(Caller(account_id="acc_1"))
    paths[0].write_text(json.dumps({"keys": [two, one]}))

    published = KeySet.import_key_set(SigningKeys(paths[0]).published())
    assert jwt.decode(token, published, algorithms=["ES256"]).claims["sub"] == "acc_1"


def test_a_key_alone_in_its_file_is_a_set_of_one(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    write_first_key(path)
    key = json.loads(path.read_text())["keys"][0]
    path.write_text(json.dumps(key))

    assert [one["kid"] for one in SigningKeys(path).published()["keys"]] == [key["kid"]]


HOUR = 3600


def kids(keys: SigningKeys) -> list[str]:
    return [key["kid"] for key in keys.published()["keys"]]


def test_a_running_process_follows_a_rotation(tmp_path: Path) -> None:
    path, clock = tmp_path / "key.json", MovableClock()
    write_first_key(path)
    keys = SigningKeys(path, clock, look_every=0)
    signer = TokenSigner(keys, "preau", clock)
    (first,) = kids(keys)

    rotate_signing_key(path, clock, lead=HOUR, keep=HOUR)

    _, second = kids(keys)
    before = signer.sign(Caller(account_id="acc_1"))
    clock.pass_(hours=1)
    after = signer.sign(Caller(account_id="acc_1"))
    published = KeySet.import_key_set(keys.published())
    headers = [jwt.decode(token, published, algorithms=["ES256"]).header["kid"] for token in (before, after)]
    assert headers == [first, second]
    clock.pass_(hours=1)
    assert kids(keys) == [second]


def test_a_rotated_file_is_as_private_as_before_and_holds_both_keys(tmp_path: Path) -> None:
    path, clock = tmp_path / "key.json", MovableClock()
    write_first_key(path)

    rotate_signing_key(path, clock, lead=HOUR, keep=HOUR)
    rotate_signing_key(path, clock, lead=HOUR, keep=HOUR)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(json.loads(path.read_text())["keys"]) == 2
    assert not path.with_name("key.json.new").exists()


def test_a_file_that_cannot_be_read_leaves_the_keys_in_hand(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    write_first_key(path)
    keys = SigningKeys(path, MovableClock(), look_every=0)
    known = kids(keys)

    for broken in ("{", "[]", '{"keys": 3}'):
        path.write_text(broken)
        assert kids(keys) == known
    path.unlink()
    assert kids(keys) == known


def test_what_is_published_says_nothing_of_times_and_private_parts(tmp_path: Path) -> None:
    path, clock = tmp_path / "key.json", MovableClock()
    write_first_key(path)
    rotate_signing_key(path, clock, lead=HOUR, keep=HOUR)

    for key in SigningKeys(path, clock).published()["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
