"""What one write makes of the lines that were found possible: booked, held, requested, cancelled or asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.reservations.domain.capacity import Pool
from services.reservations.domain.cart import Line
from services.reservations.domain.decision import Decision
from services.reservations.domain.late import LateTier
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Author, Change, Entry, Outcome, Sheet, Slot, Terms
from services.reservations.domain.validation import LineOutcome

NOTHING = Entry(state="cancelled")


def outcome_of(line: Line, decision: Decision, programme: Programme) -> Outcome:
    """Who decides, and what waits for money."""
    tier = decision.tiers.get(line.id)
    asked = tier is not None and tier.effect == "agent_approval"
    if line.action == "cancel":
        return "cancellation_asked" if asked else "cancelled"
    if asked:
        return "requested"
    return "held" if programme.billing_mode == "prepaid" else "confirmed"


def late_outcome(line: Line, decision: Decision, programme: Programme) -> LineOutcome:
    """What becomes of a possible line, with what it costs to be late."""
    tier = decision.tiers.get(line.id)
    outcome = outcome_of(line, decision, programme)
    if tier is None:
        return LineOutcome(line=line, outcome=outcome)
    return LineOutcome(line=line, outcome=outcome, late=tier.id, surcharge=tier.surcharge)


@dataclass(frozen=True, kw_only=True)
class Written:
    """`outcomes` of the lines by slot; `pools` are those the days to book take places from."""

    programme: Programme
    outcomes: Mapping[Slot, Outcome]
    tiers: Mapping[Slot, LateTier]
    pools: Mapping[Slot, Mapping[Pool, int]]
    at: datetime
    by: Author
    order_id: str | None

    @classmethod
    def of(
        cls,
        decision: Decision,
        programme: Programme,
        pools: Mapping[Slot, Mapping[Pool, int]],
        *,
        at: datetime,
        by: Author,
        order_id: str | None,
    ) -> "Written":
        return cls(
            programme=programme,
            outcomes={line.slot: outcome_of(line, decision, programme) for line in decision.possible},
            tiers={line.slot: decision.tiers[line.id] for line in decision.possible if line.id in decision.tiers},
            pools=pools,
            at=at,
            by=by,
            order_id=order_id,
        )

    def slots(self, *outcomes: Outcome) -> tuple[Slot, ...]:
        return tuple(slot for slot, outcome in self.outcomes.items() if outcome in outcomes)

    def change(self, sheet: Sheet) -> Change:
        """A request taken back leaves nothing behind; what was booked stays as cancelled."""
        programme, at, by = self.programme, self.at, self.by
        booked, held, requested = self.slots("confirmed"), self.slots("held"), self.slots("requested")
        cancelled = self.slots("cancelled")
        withdrawn = [slot for slot in cancelled if sheet.state(slot) == "requested"]
        made = sheet.book(booked, programme, by=by, at=at, terms=self._terms(booked))
        made = made.and_also(sheet.request(requested, programme, by=by, at=at, terms=self._terms(requested)))
        if held and self.order_id:
            terms = self._terms(held)
            made = made.and_also(sheet.hold(held, programme, order_id=self.order_id, at=at, terms=terms))
        for tier, slots in self._by_tier(slot for slot in cancelled if slot not in withdrawn):
            made = made.and_also(sheet.cancel(slots, programme, kind="late" if tier else "in_time", at=at, tier=tier))
        made = made.and_also(Change(cells=dict.fromkeys(withdrawn)))
        return made.and_also(sheet.ask_to_cancel(self.slots("cancellation_asked"), programme))

    def _terms(self, slots: Iterable[Slot]) -> dict[Slot, Terms]:
        return {
            slot: Terms(pools=tuple(name for name, _ in self.pools.get(slot, ())), tier=self.tiers.get(slot))
            for slot in slots
        }

    def _by_tier(self, slots: Iterable[Slot]) -> list[tuple[LateTier | None, list[Slot]]]:
        """One fact for what is cancelled in time, and one per tier for what is late."""
        found: dict[LateTier | None, list[Slot]] = {}
        for slot in slots:
            found.setdefault(self.tiers.get(slot), []).append(slot)
        return list(found.items())
