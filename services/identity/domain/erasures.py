"""An erasure: a household forgotten by every service, but for what the law makes one keep, with a report (RGPD 17)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from services.identity.domain.exports import SERVICES
from services.identity.domain.households import Household
from shared.contracts.privacy import (
    ErasedData,
    ErasureAsked,
    ErasureReported,
    HouseholdErased,
    KeptData,
)
from shared.errors import N_, Refused

AskedBy = Literal["guardian", "agent", "inactivity"]
ACCOUNTING, DEBT = "accounting", "debt"


class HouseholdOfOtherTowns(Refused):
    code = "household-of-other-towns"
    title = N_("This household also belongs to other towns")
    sentence = N_("Only the family itself can have everything erased: it has joined other towns than yours.")
    remedy = N_("Ask the family to leave your town on its account page, or to ask for the erasure itself.")


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one service answered."""

    erased: tuple[ErasedData, ...]
    kept: tuple[KeptData, ...]


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """`emails` and `addressee`: for the last letter; forgotten once it is written.

    `former_ids`: households merged into this one. `asked_by_id`: the account that asked, empty for inactivity.
    `reason`: the agent's own words, for the record.
    """

    id: str
    household_id: str
    municipality_ids: tuple[str, ...]
    child_ids: tuple[str, ...]
    former_ids: tuple[str, ...] = ()
    asked_by: AskedBy
    asked_by_id: str = ""
    reason: str = ""
    asked_at: datetime
    emails: tuple[str, ...] = ()
    addressee: str = ""
    language: str = "fr"
    parts: Mapping[str, Part] = field(default_factory=dict)
    done_at: datetime | None = None

    @property
    def answered(self) -> bool:
        return set(SERVICES) <= self.parts.keys()

    @property
    def in_debt(self) -> bool:
        return any(line.reason == DEBT for line in self._kept())

    @property
    def accounting_until(self) -> date | None:
        return max((line.until for line in self._kept() if line.reason == ACCOUNTING and line.until), default=None)

    def _kept(self) -> list[KeptData]:
        return [line for part in self.parts.values() for line in part.kept]

    def asked_told(self) -> ErasureAsked:
        return ErasureAsked(
            erasure_id=self.id,
            household_id=self.household_id,
            municipality_ids=self.municipality_ids,
            child_ids=self.child_ids,
            former_ids=self.former_ids,
        )

    def done_told(self) -> tuple[HouseholdErased, ErasureReported]:
        return HouseholdErased(
            erasure_id=self.id,
            household_id=self.household_id,
            municipality_ids=self.municipality_ids,
            child_ids=self.child_ids,
            former_ids=self.former_ids,
        ), ErasureReported(
            erasure_id=self.id,
            municipality_id=next(iter(self.municipality_ids), ""),
            emails=self.emails,
            addressee=self.addressee,
            in_debt=self.in_debt,
            accounting_until=self.accounting_until,
            language=self.language,
        )


def check_only_town(household: Household, municipality_id: str) -> None:
    """Raises `HouseholdOfOtherTowns`."""
    if any(one.municipality_id != municipality_id for one in household.adhesions):
        raise HouseholdOfOtherTowns()
