"""Where files go, who looks at them, and what files of earlier versions lack."""

from services.requests.app.antivirus import Clamd
from services.requests.app.spool import DiskSpools
from services.requests.domain.files import Kind
from services.requests.domain.stored_files import SLOT, StoredFile
from services.requests.settings import Settings
from services.requests.store.files import BUCKET, FILE_RECORDS, Blobs, Bucket, FileStore, GridBlobs, S3Blobs, Vault
from services.requests.store.files.records import home_of, record_document
from services.requests.store.requests import REQUESTS
from services.requests.usecases.inspections import Inspections
from services.requests.usecases.receive_file import Intake
from services.requests.usecases.scan_files import Antivirus
from shared.clock import Clock
from shared.mongo import Database

MB = 1024 * 1024


def files_of(settings: Settings, db: Database) -> FileStore:
    """The bucket when there is one; what lay in GridFS before stays readable."""
    blobs: dict[str, Blobs] = {"gridfs": GridBlobs(db)}
    if settings.s3_bucket:
        blobs["s3"] = S3Blobs(
            Bucket(
                name=settings.s3_bucket,
                endpoint=settings.s3_endpoint,
                region=settings.s3_region,
                access_key=settings.s3_access_key,
                secret_key=settings.s3_secret_key.get_secret_value(),
            )
        )
    return FileStore(db, Vault(settings.files_key.get_secret_value()), blobs, "s3" if settings.s3_bucket else "gridfs")


def intake_of(settings: Settings, files: FileStore, inspections: Inspections, clock: Clock) -> Intake:
    return Intake(
        files=files,
        inspections=inspections,
        spools=DiskSpools(settings.spool_folder),
        clock=clock,
        guarded=bool(settings.clamd_host),
        most_bytes=settings.file_mb * MB,
    )


def antivirus_of(settings: Settings) -> Antivirus | None:
    if not settings.clamd_host:
        return None
    return Clamd(settings.clamd_host, settings.clamd_port, DiskSpools(settings.spool_folder))


async def record_older_files(db: Database) -> None:
    """Files of before there were records get theirs: in the clear as they lie, not looked at. Idempotent."""
    async for file in db[f"{BUCKET}.files"].find({"metadata.request_id": {"$exists": True}}):
        home = home_of(file["metadata"])
        request = await db[REQUESTS].find_one({"_id": home.request_id, "household_id": home.household_id})
        slots = (request or {}).get("attachments", {}).items()
        slot, kind = next(((slot, one["kind"]) for slot, one in slots if one["file_id"] == file["_id"]), ("", Kind.PDF))
        record = StoredFile(
            id=file["_id"],
            home=home,
            place=f"{SLOT}{slot}" if slot else "",
            account_id="",
            kind=Kind(kind),
            bytes=file["length"],
            added_at=file["uploadDate"],
            loose=bool(file["metadata"].get("loose")) or not slot,
        ).received(file["length"], guarded=False)
        await db[FILE_RECORDS].update_one({"_id": record.id}, {"$setOnInsert": record_document(record)}, upsert=True)
