"""Copies of what other services own, replaced when a newer one is told."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from zoneinfo import ZoneInfo

from services.requests.domain.catalogue.prefilling import Household, KnownChild, Person
from services.requests.domain.working_days import Office
from shared.mongo import Database, keep_newest
from shared.public_holidays import SETS

MAINLAND = "metropole"
PARIS = ZoneInfo("Europe/Paris")


class TownStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["municipalities"]

    async def keep(
        self, municipality_id: str, time_zone: str, sequence: int, *, name: str = "", public_holidays: str = MAINLAND
    ) -> None:
        state = {"time_zone": time_zone, "name": name, "public_holidays": public_holidays}
        await keep_newest(self._documents, municipality_id, state, sequence)

    async def zone(self, municipality_id: str) -> ZoneInfo:
        """Paris as long as the town was not told of."""
        return (await self.office(municipality_id)).zone

    async def office(self, municipality_id: str) -> Office:
        """As of the mainland as long as the town was not told of, or was told of before days were counted here."""
        found = await self._documents.find_one({"_id": municipality_id})
        if found is None:
            return Office(zone=PARIS, holidays=MAINLAND)
        holidays = found.get("public_holidays", MAINLAND)
        return Office(zone=ZoneInfo(found["time_zone"]), holidays=holidays if holidays in SETS else MAINLAND)

    async def name(self, municipality_id: str) -> str:
        """Empty as long as the town was not told of."""
        found = await self._documents.find_one({"_id": municipality_id}, {"name": 1})
        return str(found.get("name", "")) if found else ""


class AgentStore:
    """Which accounts may process a town's requests; identity tells no names with them."""

    def __init__(self, db: Database) -> None:
        self._documents = db["agents"]

    async def keep(self, account_id: str, municipality_id: str, roles: Collection[str], sequence: int) -> None:
        state = {"account_id": account_id, "municipality_id": municipality_id, "roles": sorted(roles)}
        await keep_newest(self._documents, f"{municipality_id}|{account_id}", state, sequence)

    async def holds(self, account_id: str, municipality_id: str, roles: Collection[str]) -> bool:
        """One of the roles in that town, now."""
        wanted = {"_id": f"{municipality_id}|{account_id}", "roles": {"$in": list(roles)}}
        return await self._documents.find_one(wanted, {"_id": 1}) is not None


class HouseholdStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["households"]

    async def keep(
        self, household_id: str, children: Mapping[str, str], sequence: int, *, profile: Household | None = None
    ) -> None:
        state = {"children": dict(children), "profile": asdict(profile) if profile else None}
        await keep_newest(self._documents, household_id, state, sequence)

    async def profile_of(self, household_id: str) -> Household:
        """What forms may be filled in with; nothing as long as the household was not told of since they are."""
        found = await self._documents.find_one({"_id": household_id}, {"profile": 1})
        known = found.get("profile") if found else None
        if not known:
            return Household()
        return Household(
            name=known["name"],
            address=known["address"],
            guardians=tuple(Person(**one) for one in known["guardians"]),
            children={child: KnownChild(**one) for child, one in known["children"].items()},
        )

    async def children_of(self, household_id: str) -> Mapping[str, str]:
        """First name by child id; nothing as long as the household was not told of."""
        return (await self.children_in([household_id])).get(household_id, {})

    async def children_in(self, household_ids: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """First name by child id, by household."""
        found = self._documents.find({"_id": {"$in": list(household_ids)}}, {"children": 1})
        return {document["_id"]: document["children"] async for document in found}
