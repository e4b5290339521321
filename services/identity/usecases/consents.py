"""Guardians answer what towns ask; towns write what they ask."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from services.identity.domain.consents import Consent, ConsentText, consent_id
from shared.clock import Clock
from shared.errors import NotFound


class Consents(Protocol):
    async def texts(self, municipality_ids: Collection[str]) -> list[ConsentText]: ...
    async def text(self, municipality_id: str, purpose: str) -> ConsentText | None: ...
    async def publish(self, text: ConsentText) -> None: ...
    async def of_account(self, account_id: str, household_id: str) -> dict[tuple[str, str], Consent]: ...
    async def get(self, consent_id: str, account_id: str) -> Consent | None: ...
    async def save(self, consent: Consent, now: datetime) -> None: ...


async def list_consents(
    account_id: str, household_id: str, municipality_ids: Collection[str], consents: Consents
) -> list[tuple[ConsentText, Consent | None]]:
    """Every text that applies in the household's towns, with the guardian's answers."""
    given = await consents.of_account(account_id, household_id)
    texts = await consents.texts(municipality_ids)
    return [(text, given.get((text.municipality_id, text.purpose))) for text in texts]


async def answer_consent(
    text_version: int,
    granted: bool,
    *,
    purpose: str,
    municipality_id: str,
    account_id: str,
    household_id: str,
    consents: Consents,
    clock: Clock,
) -> tuple[ConsentText, Consent]:
    """Raises `NotFound` when the town asks no such thing, `ConsentTextChanged`, `Conflict`."""
    text = await consents.text(municipality_id, purpose)
    if text is None:
        raise NotFound()
    name = consent_id(account_id, municipality_id, purpose)
    known = await consents.get(name, account_id) or Consent(
        id=name,
        account_id=account_id,
        household_id=household_id,
        municipality_id=municipality_id,
        purpose=purpose,
    )
    consent, changed = known.answered(granted, text, text_version, clock())
    if changed:
        await consents.save(consent, clock())
    return text, consent


async def publish_text(
    municipality_id: str,
    purpose: str,
    words: Mapping[str, tuple[str, str]],
    *,
    published_by: str,
    consents: Consents,
    clock: Clock,
) -> ConsentText:
    """The next version of what the town asks for that purpose. Raises `Conflict`."""
    known = await consents.text(municipality_id, purpose)
    if known is None:
        text = ConsentText(
            municipality_id=municipality_id,
            purpose=purpose,
            version=1,
            words=words,
            published_at=clock(),
            published_by=published_by,
        )
    else:
        text = known.rewritten(words, by=published_by, at=clock())
    if text is not known:
        await consents.publish(text)
    return text
