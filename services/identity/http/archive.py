"""The archive of an export, written as it is sent: never whole in memory, never opened on a disk."""

import io
import zipfile
from collections.abc import AsyncIterator

from aiohttp import web

from services.identity.domain.exports import Export
from services.identity.store.exports import ExportStore

READ_ME = """Vos données sur Préau
====================

Cette archive contient tout ce que les services de Préau savent de votre foyer, au jour de votre demande.
Un fichier JSON par service (identity : comptes et foyer ; reservations ; billing : factures et paiements ;
notifications : messages ; requests : demandes), vos factures en PDF et les pièces que vous avez jointes.
Les montants sont en centimes d'euro, les instants en temps universel.

Your data on Préau
==================

Everything Préau's services know of your household on the day you asked: one JSON file per service, your invoices
as PDF, and the documents you joined to requests. Amounts are euro cents, instants are UTC.
"""


class _Outlet(io.RawIOBase):
    """Where zipfile writes: what came since the last look."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes only
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        data, self._written = bytes(self._written), bytearray()
        return data


async def zipped(export: Export, exports: ExportStore) -> AsyncIterator[bytes]:
    """The bytes of the ZIP. PDFs and pictures are packed already and go as they are."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as archive:
        with archive.open(_entry(export, "LISEZ-MOI.txt", "text/plain"), "w") as written:
            written.write(READ_ME.encode())
        for service, file in export.files():
            with archive.open(_entry(export, file.name, file.media_type), "w") as written:
                async for piece in exports.content(export, service, file):
                    written.write(piece)
                    yield outlet.taken()
    yield outlet.taken()


def _entry(export: Export, name: str, media_type: str) -> zipfile.ZipInfo:
    at = export.asked_at
    entry = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
    entry.compress_type = zipfile.ZIP_DEFLATED if media_type.startswith(("text/", "application/json")) else 0
    return entry


async def send_archive(request: web.Request, export: Export, exports: ExportStore) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/zip",
            "Content-Disposition": f'attachment; filename="preau-{export.asked_at:%Y-%m-%d}.zip"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
    )
    await response.prepare(request)
    async for data in zipped(export, exports):
        if data:
            await response.write(data)
    await response.write_eof()
    return response
