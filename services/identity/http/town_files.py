"""The parts that work on a town's files as a whole: import, export, duplicates."""

from collections.abc import Callable
from dataclasses import dataclass

from services.identity.store import FamilyFileStore, HouseholdStore
from services.identity.store.child_references import ChildReferences
from services.identity.store.custody import CustodyStore
from services.identity.store.duplicates import DuplicateStore
from services.identity.store.import_drafts import ImportDraftStore
from services.identity.store.importing import Importing
from services.identity.store.merges import MergeStore
from services.identity.store.sheets import read_sheet
from services.identity.usecases.codes import Codes
from services.identity.usecases.import_drafts import Read
from services.identity.usecases.run_imports import Imports
from shared.audit.trail import Trail
from shared.clock import Clock
from shared.mongo import Database


@dataclass(frozen=True, kw_only=True)
class TownFiles:
    drafts: ImportDraftStore
    read: Read
    imports: Imports
    importing: Importing
    duplicates: DuplicateStore
    merges: MergeStore
    references: ChildReferences
    custodies: CustodyStore


def town_files_of(
    db: Database,
    wake: Callable[[str], None],
    *,
    files: FamilyFileStore,
    households: HouseholdStore,
    codes: Codes,
    clock: Clock,
) -> TownFiles:
    drafts = ImportDraftStore(db)
    imports = Imports(
        drafts=drafts,
        files=files,
        households=households,
        codes=codes,
        read=read_sheet,
        trail=Trail("identity", db, wake),
        clock=clock,
    )
    return TownFiles(
        drafts=drafts,
        read=read_sheet,
        imports=imports,
        importing=Importing(imports.step),
        duplicates=DuplicateStore(db),
        merges=MergeStore(db, wake),
        references=ChildReferences(db),
        custodies=CustodyStore(db, wake),
    )
