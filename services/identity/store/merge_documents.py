"""A merge as a document: what it touched as it was, and as it left it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household
from services.identity.domain.merging import Merge, Side
from services.identity.domain.unmerging import MadeMerge
from services.identity.store.family_files import file_of, file_write
from services.identity.store.households import household_of, household_write
from shared.mongo import Document


def merge_document(merge: Merge, kept: Side, merged: Side, account_id: str, at: datetime) -> Document:
    household = merge.kept.household
    return {
        "_id": merge.id,
        "municipality_id": kept.file.municipality_id,
        "kept_file_id": kept.file.id,
        "merged_file_id": merged.file.id,
        "pairs": [list(pair) for pair in merge.pairs],
        "kept_household_id": household.id if household else "",
        "merged_household_id": merge.merged.household.id if merge.merged.household else "",
        "children": [{"merged": old, "kept": new} for old, new in merge.child_ids.items()],
        "towns": list(merge.towns),
        "before": {
            "kept_file": _file_snapshot(kept.file, at),
            "merged_file": _file_snapshot(merged.file, at),
            "kept_household": _household_snapshot(_standing(kept, merged), at),
            "merged_household": _household_snapshot(merged.household if kept.household else None, at),
        },
        "after": {
            "family_files": [_file_fields(merge.kept.file, at), _file_fields(merge.merged.file, at)],
            "households": [_household_fields(one, at) for one, _ in merge.told()],
        },
        "made_by": account_id,
        "made_at": at,
        "undone_at": None,
    }


def _standing(kept: Side, merged: Side) -> Household | None:
    """The household that goes with the kept file from now on, as it was."""
    return kept.household or merged.household


def _file_snapshot(file: FamilyFile, at: datetime) -> Document:
    return {**_file_fields(file, at), "version": file.version}


def _file_fields(file: FamilyFile, at: datetime) -> Document:
    return {"_id": file.id, **file_write(file, file.municipality_id, at).fields}


def _household_snapshot(household: Household | None, at: datetime) -> Document | None:
    if household is None:
        return None
    return {**_household_fields(household, at), "version": household.version}


def _household_fields(household: Household, at: datetime) -> Document:
    return {"_id": household.id, **household_write(household, "", at, ()).fields}


def made_of(found: Document) -> MadeMerge:
    before: Mapping[str, Any] = found["before"]
    return MadeMerge(
        id=found["_id"],
        municipality_id=found["municipality_id"],
        kept_file=file_of(before["kept_file"]),
        merged_file=file_of(before["merged_file"]),
        kept_household=household_of(before["kept_household"]) if before["kept_household"] else None,
        merged_household=household_of(before["merged_household"]) if before["merged_household"] else None,
        child_ids={one["merged"]: one["kept"] for one in found["children"]},
        towns=tuple(found["towns"]),
        made_by=found["made_by"],
        made_at=found["made_at"],
        undone_at=found["undone_at"],
    )
