"""Waiting lists: who asked first for a day that was full."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.reservations import WaitingListJoined


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`position` grows with every entry of the slot; the rank is how many still wait before it, plus one."""

    id: str
    household_id: str
    municipality_id: str
    child_id: str
    activity_id: str
    date: date
    key: str
    fingerprint: str
    position: int = 0
    rank: int = 0

    def joined(self) -> WaitingListJoined:
        return WaitingListJoined(
            municipality_id=self.municipality_id,
            household_id=self.household_id,
            child_id=self.child_id,
            activity_id=self.activity_id,
            date=self.date,
            rank=self.rank,
        )
