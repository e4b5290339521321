"""Households nobody signs in for: told so by mail, forgotten later unless somebody comes back."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.identity.domain.accounts import Account
from shared.contracts.privacy import InactivityNoticed


@dataclass(frozen=True, kw_only=True)
class Silent:
    """A household with its guardians' log-ins, none of which was used lately; maybe all were closed."""

    household_id: str
    municipality_id: str
    accounts: tuple[Account, ...]
    last_seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class Notice:
    """That the household was told, and the day it goes."""

    household_id: str
    noticed_at: datetime
    erased_on: date

    def still_holds(self, silent: Silent) -> bool:
        """Nobody signed in since."""
        return silent.last_seen_at < self.noticed_at


@dataclass(frozen=True, kw_only=True)
class Patience:
    """`months` without a sign-in, then `notice` until the household is erased."""

    months: int
    notice: timedelta

    def silent_since(self, now: datetime) -> datetime:
        """Whoever was seen after this instant is no concern."""
        years, month = divmod(now.year * 12 + now.month - 1 - self.months, 12)
        # The 1st to the 28th exist in every month; a day or two later costs nobody anything.
        return now.replace(year=years, month=month + 1, day=min(now.day, 28))

    def notice_of(self, silent: Silent, now: datetime) -> Notice:
        return Notice(
            household_id=silent.household_id, noticed_at=now, erased_on=(now + self.notice).astimezone(UTC).date()
        )


def notices_told(silent: Silent, notice: Notice) -> tuple[InactivityNoticed, ...]:
    """One letter per log-in."""
    return tuple(
        InactivityNoticed(
            account_id=account.id,
            municipality_id=silent.municipality_id,
            email=account.email,
            addressee=account.name,
            erased_on=notice.erased_on,
            language=account.language,
        )
        for account in silent.accounts
    )


def created_at(entity_id: str) -> datetime:
    """When an id was made: the first 48 bits of a UUIDv7 are milliseconds."""
    return datetime.fromtimestamp(int(entity_id.partition("_")[2][:12], 16) / 1000, UTC)


def last_seen(household_id: str, accounts: tuple[Account, ...]) -> datetime:
    """The last sign-in of any of them; an account nobody ever signed in with was at least made then."""
    seen = [account.last_signed_in_at or created_at(account.id) for account in accounts]
    return max(seen, default=created_at(household_id))
