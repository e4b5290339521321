"""Consents, exports and erasures: identity asks, every service answers by `shared.privacy`, identity reports."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from shared.contracts import Event, Exchange, Part


class ExportedFile(Part):
    """A file of an export, whole: its chunks are those told with the same name and hash."""

    name: str
    media_type: str
    sha256: str
    chunks: int


class ExportPartGiven(Event):
    """A piece of a household's data, or, when `last`, the list of what this service gave. Subject: export, service.

    `content`: base64 of at most 384 kB; chunks count from 0. Pieces may come in any order, and twice.
    """

    topic: ClassVar[str] = "privacy.export_part_given.v1"
    exchange: ClassVar[Exchange] = "profiles"

    export_id: str
    service: str
    name: str = ""
    media_type: str = ""
    sha256: str = ""
    content: str = ""
    chunk: int = 0
    chunks: int = 0
    last: bool = False
    files: tuple[ExportedFile, ...] = ()


class ErasedData(Part):
    what: str
    count: int


class KeptData(Part):
    """`reason`: `debt`, `accounting`, `not_invoiced_yet` or `payment_under_way`. `until`: None: nobody can tell."""

    what: str
    count: int
    reason: str
    until: date | None = None


class ErasurePartDone(Event):
    """A service erased what it knew of a household, and says what the law makes it keep. Subject: erasure, service."""

    topic: ClassVar[str] = "privacy.erasure_part_done.v1"
    exchange: ClassVar[Exchange] = "profiles"

    erasure_id: str
    service: str
    erased: tuple[ErasedData, ...]
    kept: tuple[KeptData, ...]


class ExportAsked(Event):
    """A guardian wants everything there is about the household. Subject: the export.

    Every service answers with `export_part_given`, also when it has nothing.
    """

    topic: ClassVar[str] = "privacy.export_asked.v1"

    export_id: str
    household_id: str
    account_id: str
    municipality_ids: tuple[str, ...]
    former_ids: tuple[str, ...] = ()
    """Households that were merged into this one: what is kept under their ids is its own."""


class ExportReady(Event):
    """An archive waits for whoever asked for it. Subject: the export."""

    topic: ClassVar[str] = "privacy.export_ready.v1"
    exchange: ClassVar[Exchange] = "profiles"

    export_id: str
    household_id: str
    municipality_id: str
    email: str
    addressee: str
    expires_at: AwareDatetime
    language: str = "fr"


class ErasureAsked(Event):
    """A household is to be forgotten everywhere. Subject: the household.

    Every service erases what the law does not make it keep and answers with `erasure_part_done`.
    """

    topic: ClassVar[str] = "privacy.erasure_asked.v1"

    erasure_id: str
    household_id: str
    municipality_ids: tuple[str, ...]
    child_ids: tuple[str, ...]
    former_ids: tuple[str, ...] = ()
    """Households that were merged into this one, forgotten with it."""


class HouseholdErased(Event):
    """Every service has answered: whatever is still found of the household goes, and never comes back.

    Subject: the household.
    """

    topic: ClassVar[str] = "privacy.household_erased.v1"

    erasure_id: str
    household_id: str
    municipality_ids: tuple[str, ...]
    child_ids: tuple[str, ...]
    former_ids: tuple[str, ...] = ()
    """Households that were merged into this one, forgotten with it."""


class ErasureReported(Event):
    """What was erased, and what the law makes a service keep, for the last letter to a family. Subject: the erasure."""

    topic: ClassVar[str] = "privacy.erasure_reported.v1"
    exchange: ClassVar[Exchange] = "profiles"

    erasure_id: str
    municipality_id: str
    emails: tuple[str, ...]
    addressee: str
    in_debt: bool
    """An unpaid invoice keeps the accounting it needs."""
    accounting_until: date | None = None
    """The day the last invoice kept by law goes; None: there is none."""
    language: str = "fr"


class ConsentSet(Event):
    """A guardian agreed, or no longer agrees, to something a town asks. Subject: the consent."""

    topic: ClassVar[str] = "privacy.consent_set.v1"

    account_id: str
    household_id: str | None
    municipality_id: str
    purpose: str
    granted: bool
    text_version: int
    """Of the town's text that was read."""
    at: AwareDatetime


class InactivityNoticed(Event):
    """Nobody signed in for very long: the account goes on `erased_on` unless somebody does. Subject: the account."""

    topic: ClassVar[str] = "privacy.inactivity_noticed.v1"
    exchange: ClassVar[Exchange] = "profiles"

    account_id: str
    municipality_id: str
    email: str
    addressee: str
    erased_on: date
    language: str = "fr"
