"""How a cash office keeps its books: the accounting code of each activity, and what it does with money due back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from services.billing.domain.tariffs import CashOffice
from services.billing.domain.till.refusals import AccountUnknown

Policy = Literal["credit", "ask"]
NO_CODE = ""


@dataclass(frozen=True, kw_only=True)
class Account:
    """`concerns`: an activity, or a programme for all its activities that have no code of their own."""

    concerns: str
    code: str
    label: str


@dataclass(frozen=True, kw_only=True)
class TillSettings:
    """Of one cash office (`id`). `default_code`: of what no account names.

    `in_time` and `by_town`: whether money of days cancelled becomes a credit note by itself, or an agent decides.
    """

    id: str
    municipality_id: str
    accounts: tuple[Account, ...] = ()
    default_code: str = NO_CODE
    in_time: Policy = "credit"
    by_town: Policy = "ask"
    version: int = 0

    def becomes_credit(self, reason: str) -> bool:
        """Whether a refund of that reason is a credit note without anybody's decision."""
        return {"cancelled-in-time": self.in_time, "cancelled-by-town": self.by_town}.get(reason) == "credit"


@dataclass(frozen=True, kw_only=True)
class Codes:
    """Which code an activity has. `programmes`: by activity."""

    settings: TillSettings
    programmes: Mapping[str, str] = field(default_factory=dict)

    def of(self, activity_id: str) -> str:
        by_id = {account.concerns: account.code for account in self.settings.accounts}
        programme = self.programmes.get(activity_id, "")
        return by_id.get(activity_id) or by_id.get(programme) or self.settings.default_code


def check_accounts(settings: TillSettings, office: CashOffice, programmes: Mapping[str, str]) -> None:
    """Raises `AccountUnknown` for what the office does not collect, or twice the same. `programmes`: by activity."""
    collected = set(office.programmes)
    activities = {activity for activity, programme in programmes.items() if programme in collected}
    named = [account.concerns for account in settings.accounts]
    if len(set(named)) < len(named) or not set(named) <= collected | activities:
        raise AccountUnknown()
