"""The keys tokens are signed with: a private file, all of it published, one of them signing."""

from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from services.identity.domain.keys import StagedKey, serving
from services.identity.store import key_files
from services.identity.store.key_files import LOOK_SECONDS, KeyFile
from shared.auth import TOKEN_TYPE, Caller, claims_of
from shared.clock import Clock, system_clock
from shared.ids import new_id

LIFETIME_SECONDS = 600


class SigningKeys:
    """Read from a JWK or a JWK set, and again when `rotate-keys` changed it: see `domain.keys` for which one signs."""

    def __init__(self, path: Path, clock: Clock = system_clock, look_every: float = LOOK_SECONDS) -> None:
        self._file = KeyFile(path, look_every)
        self._clock = clock
        self._imported: dict[str, ECKey] = {}

    @property
    def signing(self) -> ECKey:
        return self._key(serving(self._file.present(), self._now()))

    def published(self) -> dict[str, Any]:
        """The public halves, as `/.well-known/jwks.json` gives them."""
        now = self._now()
        keys = [self._key(one) for one in self._file.present() if one.is_kept(now)]
        return {"keys": [key.as_dict(private=False, kid=kid_of(key), alg="ES256", use="sig") for key in keys]}

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def _key(self, staged: StagedKey) -> ECKey:
        name = str(staged.content["x"])
        if name not in self._imported:
            self._imported[name] = ECKey.import_key(dict(staged.content))
        return self._imported[name]


class TokenSigner:
    lifetime = LIFETIME_SECONDS

    def __init__(self, keys: SigningKeys, issuer: str, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock

    def sign(self, caller: Caller) -> str:
        claims = claims_of(
            caller,
            issuer=self._issuer,
            issued_at=int(self._clock().timestamp()),
            lifetime=LIFETIME_SECONDS,
            token_id=new_id("tok"),
        )
        key = self._keys.signing
        return jwt.encode({"alg": "ES256", "kid": kid_of(key), "typ": TOKEN_TYPE}, claims, key)


def write_first_key(path: Path) -> bool:
    """Create the file, for its owner only, unless it is there; whether it was created."""
    return key_files.write_first(path, _drawn)


def rotate_signing_key(path: Path, clock: Clock, *, lead: int, keep: int) -> tuple[StagedKey, ...]:
    """A fresh key that signs after `lead` seconds; the former one is published `keep` seconds longer than it signs."""
    return key_files.rotate(path, _drawn, clock, lead=lead, keep=keep)


def kid_of(key: ECKey) -> str:
    return key.kid or key.thumbprint()


def _drawn() -> dict[str, Any]:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    return dict(key.as_dict(private=True))
