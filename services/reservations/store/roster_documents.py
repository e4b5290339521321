"""The roster's documents ↔ the domain: a child's enrolments, and its link to each household that brings it along."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from pymongo import UpdateMany, UpdateOne

from services.reservations.domain.bookable import Enrolment, RosterChild
from services.reservations.domain.enrolments import Enrolled
from shared.contracts import Event
from shared.contracts.identity import AdhesionJoined, JoinedChild
from shared.ids import new_id
from shared.messaging.envelope import pack
from shared.mongo import Document


def key_of(municipality_id: str, reference: str) -> str:
    return f"{municipality_id}/{reference}"


def link_of(told: AdhesionJoined, child: JoinedChild, sequence: int, born: Document) -> UpdateOne:
    """Replaces an older link of the same household and leaves those of other households alone."""
    link = {
        "household_id": told.household_id,
        "child_id": child.child_id,
        "resident": told.resident,
        "sequence": sequence,
        **born,
    }
    links = {"$ifNull": ["$links", []]}
    mine = {"$and": [{"$eq": ["$$link.household_id", told.household_id]}, {"$lt": ["$$link.sequence", sequence]}]}
    kept = {"$filter": {"input": links, "as": "link", "cond": {"$not": mine}}}
    newer = {"$in": [told.household_id, "$$kept.household_id"]}
    joined = {"$cond": [newer, "$$kept", {"$concatArrays": ["$$kept", [{"$literal": link}]]}]}
    change = {
        "municipality_id": told.municipality_id,
        "reference": {"$literal": child.reference},
        "links": {"$let": {"vars": {"kept": kept}, "in": joined}},
    }
    return UpdateOne({"_id": key_of(told.municipality_id, child.reference)}, [{"$set": change}], upsert=True)


def births_of(profile: Document | None) -> dict[str, Document]:
    """What a link keeps of each child in a household's profile, by child."""
    if profile is None:
        return {}
    told = {"profiled": profile["sequence"]}
    return {child["child_id"]: {"birth_date": child["birth_date"], **told} for child in profile["children"]}


def born(household_id: str, child_id: str, known: Document) -> UpdateMany:
    """Into the household's links of the child, in every town, unless they have it of a newer profile."""
    mine = {"household_id": household_id, "child_id": child_id}
    older = {"link.profiled": {"$not": {"$gte": known["profiled"]}}}
    change = {"$set": {f"links.$[link].{name}": value for name, value in known.items()}}
    filters: list[Mapping[str, Any]] = [{**{f"link.{name}": value for name, value in mine.items()}, **older}]
    return UpdateMany({"links": {"$elemMatch": mine}}, change, array_filters=filters)


def packed(
    municipality_id: str, enrolled: Enrolled, told: Mapping[str, Event] | None, at: datetime | None
) -> list[dict[str, str]]:
    """What is told of each enrolment, in the order of the versions its child's document has."""
    if not told or at is None:
        return []
    entries = []
    for enrolment_id, event in told.items():
        sequence = enrolled.version + 1
        entries += pack([event], subject=enrolment_id, sequence=sequence, municipality_id=municipality_id, at=at)
    return entries


def enrol(municipality_id: str, reference: str, enrolled: Enrolled, told: Sequence[dict[str, str]]) -> UpdateOne:
    absent_or_same = enrolled.version or {"$exists": False}
    enrolments = [_enrolment_document(enrolment) for enrolment in enrolled.enrolments]
    change: Document = {
        "$set": {
            "municipality_id": municipality_id,
            "reference": reference,
            "enrolments": enrolments,
            "version": enrolled.version + 1,
            **({"decisions": dict(enrolled.decisions)} if enrolled.decisions else {}),
        }
    }
    if told:
        change["$push"] = {"outbox": {"$each": list(told)}}
    return UpdateOne({"_id": key_of(municipality_id, reference), "version": absent_or_same}, change, upsert=True)


def _enrolment_document(enrolment: Enrolment) -> Document:
    dates = {"starts": enrolment.starts.isoformat(), "ends": enrolment.ends.isoformat()}
    return {**vars(enrolment), **dates, "id": enrolment.id or new_id("enr")}


def with_ids(enrolments: Iterable[Document]) -> list[Document]:
    return [{**enrolment, "id": enrolment.get("id") or new_id("enr")} for enrolment in enrolments]


def enrolments_of(found: Document) -> tuple[Enrolment, ...]:
    return tuple(
        Enrolment(
            programme_id=enrolment["programme_id"],
            site_id=enrolment["site_id"],
            group=enrolment["group"],
            starts=date.fromisoformat(enrolment["starts"]),
            ends=date.fromisoformat(enrolment["ends"]),
            category=enrolment.get("category", ""),
            diet=enrolment.get("diet", ""),
            id=enrolment.get("id", ""),
        )
        for enrolment in found.get("enrolments", [])
    )


def enrolled_of(found: Document) -> Enrolled:
    return Enrolled(
        version=found.get("version", 0),
        enrolments=enrolments_of(found),
        child_ids=frozenset(link["child_id"] for link in found.get("links", [])),
        decisions=found.get("decisions", {}),
    )


def linked(found: Document) -> list[RosterChild]:
    """One per household: separated parents each have their own. See `CustodyStore.shared`."""
    enrolments = enrolments_of(found)
    return [
        RosterChild(
            child_id=link["child_id"],
            municipality_id=found["municipality_id"],
            household_id=link["household_id"],
            reference=found["reference"],
            first_name="",
            last_name="",
            birth_date=_day(link.get("birth_date")),
            resident=link["resident"],
            enrolments=enrolments,
            left=link.get("left", False),
        )
        for link in found.get("links", [])
    ]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def with_name(child: RosterChild, profile: Mapping[str, Any] | None) -> RosterChild:
    if profile is None:
        return child
    return replace(
        child,
        first_name=profile["first_name"],
        last_name=profile["last_name"],
        birth_date=date.fromisoformat(profile["birth_date"]),
    )
