"""What identity signs for sites: access to the API or to userinfo, and the news that a person signed out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from services.identity.domain.grants import Grant
from services.identity.store.signing import LIFETIME_SECONDS, SigningKeys, kid_of
from shared.auth import AUDIENCE, TOKEN_TYPE, Caller, claims_of
from shared.clock import Clock
from shared.ids import new_id

ALGORITHM = "ES256"
ID_TOKEN_TYPE = "JWT"
LOGOUT_TYPE = "logout+jwt"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class SiteTokens:
    """`issuer`: the provider as sites know it; `api_issuer`: the `iss` services accept in access tokens."""

    keys: SigningKeys
    issuer: str
    api_issuer: str
    clock: Clock

    @property
    def lifetime(self) -> int:
        """Seconds an access token or an ID token is good for."""
        return LIFETIME_SECONDS

    @property
    def userinfo(self) -> str:
        """The audience of every access token a site gets, and the address of what it tells."""
        return f"{self.issuer}/oauth/userinfo"

    @property
    def now(self) -> int:
        return int(self.clock().timestamp())

    @property
    def key(self) -> ECKey:
        return self.keys.signing

    def header(self, kind: str) -> dict[str, str]:
        return {"alg": ALGORITHM, "kid": kid_of(self.key), "typ": kind}

    def access(self, grant: Grant, caller: Caller | None) -> str:
        """Good for userinfo, and for the API as `caller` when there is one."""
        if caller is None:
            claims = {"aud": [self.userinfo], "sub": grant.account_id, "sid": grant.id, **self._times()}
        else:
            claims = claims_of(
                caller,
                issuer=self.api_issuer,
                issued_at=self.now,
                lifetime=LIFETIME_SECONDS,
                token_id=new_id("tok"),
            )
            claims["aud"] = [AUDIENCE, self.userinfo]
        return jwt.encode(self.header(TOKEN_TYPE), claims, self.key)

    def _times(self) -> dict[str, Any]:
        now = self.now
        return {
            "iss": self.api_issuer,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
            "jti": new_id("tok"),
        }

    def read_access(self, token: str) -> str | None:
        """The grant an access token of a site was given for; None for any other text."""
        claims = self._read(token, TOKEN_TYPE)
        audience = claims.get("aud")
        if not isinstance(audience, list) or self.userinfo not in audience or claims.get("iss") != self.api_issuer:
            return None
        expires = claims.get("exp")
        return str(claims.get("sid")) if isinstance(expires, int) and self.now < expires else None

    def read_id_token(self, token: str) -> Mapping[str, Any] | None:
        """Its claims, also after its time; None when it is not one of ours."""
        claims = self._read(token, ID_TOKEN_TYPE)
        return claims if claims.get("iss") == self.issuer else None

    def _read(self, token: str, kind: str) -> Mapping[str, Any]:
        keys = KeySet.import_key_set({"keys": self.keys.published()["keys"]})
        try:
            read = jwt.decode(token, keys, algorithms=[ALGORITHM])
        except (JoseError, ValueError):
            return {}
        claims: Mapping[str, Any] = read.claims if read.header.get("typ") == kind else {}
        return claims

    def logout(self, client_id: str, account_id: str, session_id: str) -> str:
        """OpenID Connect Back-Channel Logout 1.0, section 2.4."""
        claims = {
            "iss": self.issuer,
            "aud": client_id,
            "sub": account_id,
            "sid": session_id,
            "iat": self.now,
            "exp": self.now + LOGOUT_SECONDS,
            "jti": new_id("tok"),
            "events": {LOGOUT_EVENT: {}},
        }
        return jwt.encode(self.header(LOGOUT_TYPE), claims, self.key)
