"""What was booked, cancelled and tried in a programme, child by child, some at a time; for agents of the town."""

from collections.abc import Iterable, Sequence
from datetime import date

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.refusals_of_days import DeadlinePassed, NotYetOpen, NoWindow
from services.reservations.domain.replay_past import RefusedAct
from services.reservations.domain.sheet import Sheet, SheetKey
from services.reservations.store.custody import CustodyStore
from services.reservations.store.roster_documents import linked
from services.reservations.store.sheet_documents import sheet_of
from shared.mongo import Database, Document

AT_ONCE = 50
BY_DEADLINE = [kind.__name__ for kind in (DeadlinePassed, NotYetOpen, NoWindow)]


class PastDays:
    def __init__(self, db: Database) -> None:
        self._roster, self._sheets, self._validations = db["roster"], db["sheets"], db["validations"]
        self._custody = CustodyStore(db)

    async def children(
        self, municipality_id: str, programme_id: str, after: str, limit: int
    ) -> tuple[list[RosterChild], str]:
        """Each once per household, also those that left; and after whom to go on, empty at the end."""
        scope: Document = {"municipality_id": municipality_id, "enrolments.programme_id": programme_id}
        cursor = self._roster.find({**scope, "_id": {"$gt": after}}).sort("_id", 1).limit(limit)
        documents = await cursor.to_list(None)
        children = await self._custody.shared([child for document in documents for child in linked(document)])
        return children, str(documents[-1]["_id"]) if len(documents) == limit else ""

    async def sheets(
        self, programme_id: str, months: Sequence[str], children: Iterable[RosterChild]
    ) -> dict[tuple[str, str], list[Sheet]]:
        """By household and child. Their names are known, so that no index is needed to find them."""
        keys = [_key(child, programme_id, month) for child in children for month in months]
        if not keys:
            return {}
        wanted = {
            "_id": {"$in": [name for key in keys for name in (key.id, key.second_id)]},
            "municipality_id": keys[0].municipality_id,
        }
        found: dict[tuple[str, str], list[Sheet]] = {}
        # Small batches: each is decoded in one go, and families wait meanwhile.
        async for document in self._sheets.find(wanted, {"outbox": 0, "idem": 0}).batch_size(AT_ONCE):
            sheet = sheet_of(document)
            found.setdefault((sheet.key.household_id, sheet.key.child_id), []).append(sheet)
        return found

    async def refused(self, programme_id: str, households: Iterable[str]) -> dict[tuple[str, str], list[RefusedAct]]:
        """What deadlines refused in validations that are still kept, by household and child; each day once."""
        wanted = {
            "household_id": {"$in": sorted(set(households))},
            "lines.programme_id": programme_id,
            "outcomes.refusal.kind": {"$in": BY_DEADLINE},
            # What an agent asked for a family, with rules set aside, says nothing of the rules.
            "waived": {"$exists": False},
        }
        kept = {"household_id": 1, "lines": 1, "outcomes": 1, "at": 1}
        last: dict[tuple[str, str], dict[tuple[str, str, str], RefusedAct]] = {}
        async for found in self._validations.find(wanted, kept).sort("at", 1):
            lines = {line["id"]: line for line in found["lines"] if line["programme_id"] == programme_id}
            for outcome in found["outcomes"]:
                line = lines.get(outcome["line_id"])
                if line and outcome.get("refusal", {}).get("kind") in BY_DEADLINE:
                    tried = last.setdefault((found["household_id"], line["child_id"]), {})
                    tried[line["action"], line["activity_id"], line["date"]] = _act(line, found)
        return {who: list(tried.values()) for who, tried in last.items()}


def _act(line: Document, validation: Document) -> RefusedAct:
    slot = (line["activity_id"], date.fromisoformat(line["date"]))
    return RefusedAct(action=line["action"], slot=slot, at=validation["at"])


def _key(child: RosterChild, programme_id: str, month: str) -> SheetKey:
    return SheetKey(
        household_id=child.household_id,
        municipality_id=child.municipality_id,
        child_id=child.child_id,
        programme_id=programme_id,
        month=month,
    )
