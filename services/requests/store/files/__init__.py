"""Documents of requests: their bytes in GridFS or S3, sealed, and a record of each."""

from services.requests.store.files.grid import BUCKET, GridBlobs
from services.requests.store.files.records import FILE_RECORDS, RECORD_SCHEMA, FileRecords, home_of
from services.requests.store.files.s3 import Bucket, S3Blobs
from services.requests.store.files.stored import Blobs, FileStore
from services.requests.store.files.vault import Vault

__all__ = [
    "BUCKET",
    "FILE_RECORDS",
    "RECORD_SCHEMA",
    "Blobs",
    "Bucket",
    "FileRecords",
    "FileStore",
    "GridBlobs",
    "S3Blobs",
    "Vault",
    "home_of",
]
