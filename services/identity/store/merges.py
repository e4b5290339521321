"""Merges of family files: everything one touches changes together, and is kept as it was to be put back."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo import IndexModel, UpdateOne, WriteConcern
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household
from services.identity.domain.merging import Merge, Side
from services.identity.domain.unmerging import MadeMerge, Undoing
from services.identity.store.family_files import file_of, file_write
from services.identity.store.households import household_of, household_write
from services.identity.store.merge_documents import made_of, merge_document
from services.identity.store.merged_custody import move_custody, put_custody_back
from services.identity.store.merged_pickups import move_pickups, put_pickups_back
from services.identity.store.writes import Duplicate, write_all
from shared.contracts import Event
from shared.errors import Conflict, NotFound, Unavailable
from shared.mongo import CollectionSchema, Database, Document

TRIES = 5
FIRST_PAUSE = 0.02
MERGES = CollectionSchema(
    indexes=[
        IndexModel([("municipality_id", 1), ("_id", -1)], name="by_town"),
        IndexModel([("kept_file_id", 1)], name="kept"),
        IndexModel(
            [("merged_file_id", 1)], name="merged_once", unique=True, partialFilterExpression={"undone_at": None}
        ),
    ],
    validator={
        "bsonType": "object",
        "required": ["municipality_id", "kept_file_id", "merged_file_id", "before", "made_at", "undone_at"],
        "properties": {"_id": {"bsonType": "string", "pattern": "^mrg_[0-9a-f]{32}$"}},
    },
)


class MergeStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._db = db
        self._wake = wake

    async def sides(self, municipality_id: str, file_ids: Sequence[str]) -> list[Side]:
        """In the order asked for. Raises `NotFound` when one is not the town's."""
        found = self._db["family_files"].find({"_id": {"$in": list(file_ids)}, "municipality_id": municipality_id})
        files = {one["_id"]: file_of(one) async for one in found}
        if missing := [one for one in file_ids if one not in files]:
            raise NotFound() from KeyError(missing[0])
        return [Side(file=files[one], household=await self._household(files[one])) for one in file_ids]

    async def _household(self, file: FamilyFile) -> Household | None:
        asked = {"_id": file.household_id, "adhesions.municipality_id": file.municipality_id}
        found = await self._db["households"].find_one(asked) if file.household_id else None
        return household_of(found) if found else None

    async def get(self, merge_id: str, municipality_ids: frozenset[str]) -> MadeMerge:
        """Raises `NotFound`."""
        asked = {"_id": merge_id, "municipality_id": {"$in": sorted(municipality_ids)}}
        found = await self._db["merges"].find_one(asked)
        if found is None:
            raise NotFound()
        return made_of(found)

    async def newest(self, municipality_id: str, limit: int) -> list[MadeMerge]:
        found = self._db["merges"].find({"municipality_id": municipality_id}, sort=[("_id", -1)], limit=limit)
        return [made_of(one) async for one in found]

    async def make(self, merge: Merge, kept: Side, merged: Side, *, account_id: str, at: datetime) -> MadeMerge:
        """`kept`, `merged`: both sides as they were. Raises `Conflict`, `Unavailable`."""

        async def write(session: AsyncIOMotorClientSession) -> Document:
            town = merge.kept.file.municipality_id
            await self._files([merge.kept.file, merge.merged.file], town, at, session)
            # The merged household first: a town's file is joined by one household at any time.
            await self._households(list(reversed(merge.told())), town, at, session)
            document = merge_document(merge, kept, merged, account_id, at)
            document["accounts"] = await self._move_accounts(merge, session)
            document["references"] = await self._rename_children(merge, session)
            document["pickups"] = await move_pickups(self._db, merge, at, session)
            document["custody"] = await move_custody(self._db, merge, at, session)
            await self._move_files(merge, session)
            await self._db["merges"].insert_one(document, session=session)
            return document

        return made_of(await self._together(write))

    async def undo(self, undoing: Undoing, *, account_id: str, at: datetime) -> None:
        """Raises `Conflict` when something of it changed since, `Unavailable`."""
        made = undoing.made

        async def write(session: AsyncIOMotorClientSession) -> None:
            asked = {"_id": made.id, "municipality_id": made.municipality_id, "undone_at": None}
            change = {"$set": {"undone_at": at, "undone_by": account_id}}
            merge = await self._db["merges"].find_one_and_update(asked, change, session=session)
            if merge is None:
                raise Conflict()
            versions = await self._as_left(merge["after"], session)
            files = [replace(file, version=versions[file.id]) for file in undoing.files]
            told = [(replace(one, version=versions[one.id]), events) for one, events in undoing.told]
            await self._files(files, made.municipality_id, at, session)
            await self._households(told, made.municipality_id, at, session)
            await self._put_back(merge, session)
            await put_custody_back(self._db, merge.get("custody", ()), at, session)
            if made.kept_household and made.merged_household:
                both = (made.kept_household, made.merged_household)
                await put_pickups_back(self._db, merge.get("pickups"), both, made.municipality_id, at, session)

        await self._together(write)

    async def _as_left(self, after: Mapping[str, Any], session: AsyncIOMotorClientSession) -> dict[str, int]:
        """The versions of what the merge wrote. Raises `Conflict` when one of it says something else now."""
        versions: dict[str, int] = {}
        for name in ("family_files", "households"):
            for left in after[name]:
                now = await self._db[name].find_one({"_id": left["_id"]}, session=session)
                # What is in neither came later: a newer program, which knows what it keeps where.
                if now is None or any(now.get(field) != value for field, value in left.items()):
                    raise Conflict()
                versions[now["_id"]] = now["version"]
        return versions

    async def _files(
        self, files: Sequence[FamilyFile], town: str, at: datetime, session: AsyncIOMotorClientSession
    ) -> None:
        await write_all(self._db["family_files"], [file_write(file, town, at) for file in files], session=session)

    async def _households(
        self,
        households: Sequence[tuple[Household, Sequence[Event]]],
        town: str,
        at: datetime,
        session: AsyncIOMotorClientSession,
    ) -> None:
        writes = [household_write(household, town, at, events) for household, events in households]
        if writes:
            await write_all(self._db["households"], writes, session=session)

    async def _move_accounts(self, merge: Merge, session: AsyncIOMotorClientSession) -> list[Document]:
        """The merged household's log-ins become the kept one's; who they were."""
        kept, merged = merge.kept.household, merge.merged.household
        if kept is None or merged is None:
            return []
        shown = {"household_id": 1, "guardian_id": 1}
        accounts = self._db["accounts"]
        former = await accounts.find({"household_id": merged.id}, shown, session=session).to_list(None)
        first = merged.guardians[0].id
        for one in former:
            guardian = merge.guardian_ids.get(one.get("guardian_id") or first, "")
            moved = {"household_id": kept.id, "guardian_id": guardian}
            await accounts.update_one({"_id": one["_id"]}, {"$set": moved, "$inc": {"version": 1}}, session=session)
        return former

    async def _rename_children(self, merge: Merge, session: AsyncIOMotorClientSession) -> list[Document]:
        """The town's references mean the kept children from now on; what they meant."""
        town, household = merge.kept.file.municipality_id, merge.kept.household
        adhesion = household.adhesion(town) if household else None
        meant = dict(adhesion.child_ids) if adhesion else {}
        references = self._db["child_references"]
        keys = [f"{town}/{reference}" for reference in meant]
        former = await references.find({"_id": {"$in": keys}}, session=session).to_list(None)
        known = {one["reference"]: one["child_id"] for one in former}
        for reference, child_id in meant.items():
            if known.get(reference) != child_id:
                document = {"municipality_id": town, "reference": reference, "child_id": child_id}
                key = {"_id": f"{town}/{reference}"}
                await references.update_one(key, {"$set": document}, upsert=True, session=session)
        return [
            {"reference": one, "child_id": known[one]} for one in meant if one in known and known[one] != meant[one]
        ]

    async def _move_files(self, merge: Merge, session: AsyncIOMotorClientSession) -> None:
        """Files of other towns that the merged household had joined."""
        kept, merged = merge.kept.household, merge.merged.household
        if kept and merged and merge.towns:
            asked = {"household_id": merged.id, "municipality_id": {"$in": list(merge.towns)}}
            change = {"$set": {"household_id": kept.id}, "$inc": {"version": 1}}
            await self._db["family_files"].update_many(asked, change, session=session)

    async def _put_back(self, merge: Document, session: AsyncIOMotorClientSession) -> None:
        kept, merged, town = merge["kept_household_id"], merge["merged_household_id"], merge["municipality_id"]
        accounts = [
            UpdateOne(
                # Closed or moved on since: then it stays so.
                {"_id": one["_id"], "household_id": kept},
                {"$set": {"household_id": merged, "guardian_id": one.get("guardian_id", "")}, "$inc": {"version": 1}},
            )
            for one in merge["accounts"]
        ]
        if accounts:
            await self._db["accounts"].bulk_write(accounts, session=session)
        references = [
            UpdateOne(
                {"_id": f"{town}/{one['reference']}", "municipality_id": town}, {"$set": {"child_id": one["child_id"]}}
            )
            for one in merge["references"]
        ]
        if references:
            await self._db["child_references"].bulk_write(references, session=session)
        if merged and merge["towns"]:
            before = merge["before"]["merged_household"]["adhesions"]
            elsewhere = [one["family_file_id"] for one in before if one["municipality_id"] in merge["towns"]]
            asked = {"_id": {"$in": elsewhere}, "household_id": kept, "municipality_id": {"$in": merge["towns"]}}
            change = {"$set": {"household_id": merged}, "$inc": {"version": 1}}
            await self._db["family_files"].update_many(asked, change, session=session)

    async def _together(self, write: Callable[[AsyncIOMotorClientSession], Any]) -> Any:
        """In one transaction, tried again when it met another."""
        for attempt in range(TRIES):
            try:
                return await self._once(write)
            except Duplicate:
                raise Conflict() from None
            except OperationFailure as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
            await asyncio.sleep(random.uniform(0, FIRST_PAUSE * 2**attempt))  # noqa: S311  # a pause, no secret
        raise Unavailable()

    async def _once(self, write: Callable[[AsyncIOMotorClientSession], Any]) -> Any:
        async with (
            await self._db.client.start_session() as session,
            session.start_transaction(
                read_concern=ReadConcern("snapshot"), write_concern=WriteConcern(w="majority", wtimeout=5_000)
            ),
        ):
            done = await write(session)
        self._wake("households")
        self._wake("pickup_lists")
        self._wake("custody")
        return done
