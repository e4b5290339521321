"""The national quotient service, API Particulier v3: asked by identity, with the town's SIRET as recipient."""

from decimal import Decimal, InvalidOperation
from typing import Any

import aiohttp
from aiohttp import web

from services.billing.domain.quotients.consents import FRANCE, Identity
from services.billing.usecases.quotients.national import NotFiled, ServiceDown, ServiceRefused

PATH = "/v3/dss/quotient_familial/identite"
TIMEOUT = aiohttp.ClientTimeout(total=10)
HIGHEST = Decimal(999_999)


class ApiParticulier:
    """`url` empty: not offered. It answers within seconds or counts as away; nothing of an answer is logged."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url.rstrip("/"), token
        self._session: aiohttp.ClientSession | None = None

    @property
    def offered(self) -> bool:
        return bool(self._url and self._token)

    async def ask(self, identity: Identity, siret: str) -> Decimal:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        try:
            async with self._http().get(self._url + PATH, params=_query(identity, siret), headers=headers) as answer:
                if answer.status == 404:
                    raise NotFiled()
                if answer.status == 429 or answer.status >= 500:
                    raise ServiceDown()
                if answer.status != 200:
                    raise ServiceRefused()
                return _value(await answer.json())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ServiceDown() from error

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def close(self, _: web.Application | None = None) -> None:
        if self._session:
            await self._session.close()


def _query(identity: Identity, siret: str) -> list[tuple[str, str]]:
    query = [
        ("recipient", siret),
        ("nomNaissance", identity.birth_name),
        *(("prenoms[]", name) for name in identity.first_names),
        ("sexeEtatCivil", identity.sex),
        ("anneeDateNaissance", str(identity.birth_date.year)),
        ("moisDateNaissance", str(identity.birth_date.month)),
        ("jourDateNaissance", str(identity.birth_date.day)),
        ("codeCogInseePaysNaissance", identity.birth_country),
    ]
    if identity.birth_country == FRANCE and identity.birth_town:
        query.append(("codeCogInseeCommuneNaissance", identity.birth_town))
    return query


def _value(answer: Any) -> Decimal:
    """Raises `ServiceDown` for what is no quotient."""
    try:
        value = Decimal(str(answer["data"]["quotient_familial"]["valeur"])).quantize(Decimal("0.01"))
    except (KeyError, TypeError, InvalidOperation) as error:
        raise ServiceDown() from error
    if not 0 <= value <= HIGHEST:
        raise ServiceDown()
    return _plain(value)


def _plain(value: Decimal) -> Decimal:
    """Without a fraction that is none: `622`, `622.50`."""
    return Decimal(int(value)) if value == value.to_integral_value() else value
