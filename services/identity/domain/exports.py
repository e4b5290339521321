"""An export: everything all services know of a household, gathered piece by piece into one archive (RGPD 15 and 20)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.contracts.privacy import ExportedFile, ExportReady
from shared.errors import N_, Refused

SERVICES = ("identity", "reservations", "billing", "notifications", "requests")
LIFE = timedelta(days=7)
"""How long an archive can be fetched."""
SAME_AGAIN = timedelta(hours=1)
"""Who asks twice within so long gets the first one."""


class ExportNotReady(Refused):
    code = "export-not-ready"
    title = N_("The archive is not ready yet")
    sentence = N_("Your archive is still being gathered from the services.")
    remedy = N_("You will get an e-mail as soon as it is ready; it takes some minutes as a rule.")


class ExportOver(Refused):
    code = "export-over"
    status = 410
    title = N_("This archive is gone")
    sentence = N_("An archive can be fetched for 7 days; this one was until %(expires_at)s.")
    remedy = N_("Ask for a new one on your account page.")


@dataclass(frozen=True, kw_only=True)
class Export:
    """`answers`: what each service gave, once it gave everything; `ready_at` is None until all did."""

    id: str
    household_id: str
    account_id: str
    municipality_ids: tuple[str, ...]
    asked_at: datetime
    answers: Mapping[str, tuple[ExportedFile, ...]] = field(default_factory=dict)
    ready_at: datetime | None = None

    @property
    def answered(self) -> bool:
        return set(SERVICES) <= self.answers.keys()

    @property
    def expires_at(self) -> datetime | None:
        return self.ready_at + LIFE if self.ready_at else None

    def state(self, now: datetime) -> str:
        """`gathering`, `ready` or `over`."""
        if self.expires_at is None:
            return "gathering"
        return "ready" if now < self.expires_at else "over"

    def check_ready(self, now: datetime) -> None:
        """Raises `ExportNotReady`, `ExportOver`."""
        if self.expires_at is None:
            raise ExportNotReady()
        if now >= self.expires_at:
            raise ExportOver(expires_at=self.expires_at)

    def files(self) -> list[tuple[str, ExportedFile]]:
        """Service and file, in the order of the archive."""
        return [(service, file) for service in SERVICES for file in self.answers.get(service, ())]

    def pieces(self) -> list[str]:
        """The names of all pieces the services announced."""
        return [
            piece_name(self.id, service, file.name, file.sha256, number)
            for service, file in self.files()
            for number in range(file.chunks)
        ]

    def ready_told(self, *, email: str, addressee: str, language: str, now: datetime) -> ExportReady:
        return ExportReady(
            export_id=self.id,
            household_id=self.household_id,
            municipality_id=next(iter(self.municipality_ids), ""),
            email=email,
            addressee=addressee,
            expires_at=now + LIFE,
            language=language,
        )


def piece_name(export_id: str, service: str, name: str, sha256: str, chunk: int) -> str:
    return f"{export_id}/{service}/{name}/{sha256}/{chunk}"
