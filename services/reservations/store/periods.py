"""The periods of a town's calendar as they are kept in its document."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.reservations.domain.calendar import Period, PeriodKind
from shared.ids import new_id
from shared.mongo import Document


def periods_of(found: Document) -> tuple[Period, ...]:
    return tuple(_period(period) for period in found.get("periods", []))


def _period(found: Mapping[str, Any]) -> Period:
    return Period(
        kind=PeriodKind(found["kind"]),
        starts=date.fromisoformat(found["starts"]),
        ends=date.fromisoformat(found["ends"]),
        label=found["label"],
        site_ids=frozenset(found["site_ids"]),
        id=found.get("id") or _name_of(found),
    )


def _name_of(found: Mapping[str, Any]) -> str:
    """For a period kept before they had ids: of a calendar's periods no two say the same."""
    said = "|".join([found["kind"], found["starts"], found["ends"], found["label"], *found["site_ids"]])
    return f"cal_{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def periods_document(periods: Iterable[Period]) -> list[Document]:
    return [
        {
            "id": period.id or new_id("cal"),
            "kind": str(period.kind),
            "starts": period.starts.isoformat(),
            "ends": period.ends.isoformat(),
            "label": period.label,
            "site_ids": sorted(period.site_ids),
        }
        for period in periods
    ]
