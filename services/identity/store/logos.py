"""The towns' logos: taken apart and made anew as PNG, small enough for a document each."""

import asyncio
import hashlib
from dataclasses import dataclass
from io import BytesIO

from bson import Binary
from PIL import Image, ImageOps

from services.identity.domain.branding import Letterhead
from services.identity.store.pictures import remade
from shared.mongo import CollectionSchema, Database

MOST_PIXELS = 20_000_000
LARGEST = (800, 400)
# Twice what letters show, for screens with many pixels.
LETTERHEAD = (400, 160)
COLOURS = 255
LOGOS = CollectionSchema(
    validator={
        "bsonType": "object",
        "required": ["municipality_id", "png"],
        "properties": {"municipality_id": {"bsonType": "string"}, "png": {"bsonType": "binData"}},
    },
)


@dataclass(frozen=True)
class Logo:
    digest: str
    png: bytes


class LogoStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["logos"]

    async def add(self, municipality_id: str, content: bytes) -> str:
        """The digest of the picture as it is kept. Raises `PictureUnreadable`, `PictureTooLarge`."""
        png = await remade(content, MOST_PIXELS, _logo)
        digest = hashlib.sha256(png).hexdigest()[:16]
        document = {"municipality_id": municipality_id, "png": Binary(png)}
        await self._documents.replace_one({"_id": f"{municipality_id}/{digest}"}, document, upsert=True)
        return digest

    async def get(self, municipality_id: str, digest: str) -> Logo | None:
        asked = {"_id": f"{municipality_id}/{digest}", "municipality_id": municipality_id}
        found = await self._documents.find_one(asked)
        return Logo(digest, bytes(found["png"])) if found else None

    async def letterhead(self, municipality_id: str, digest: str) -> Letterhead:
        """The same picture as letters show it: of few colours, so that each of thousands of mails can carry it."""
        logo = await self.get(municipality_id, digest)
        return await asyncio.to_thread(_letterhead, logo.png) if logo else Letterhead()

    async def keep_only(self, municipality_id: str, digest: str) -> None:
        """Forget the town's other pictures."""
        others = {"municipality_id": municipality_id, "_id": {"$ne": f"{municipality_id}/{digest}"}}
        await self._documents.delete_many(others)


def _logo(opened: Image.Image) -> bytes:
    logo = ImageOps.exif_transpose(opened).convert("RGBA")
    logo.thumbnail(LARGEST)
    out = BytesIO()
    logo.save(out, "PNG", optimize=True)
    return out.getvalue()


def _letterhead(png: bytes) -> Letterhead:
    with Image.open(BytesIO(png), formats=["PNG"]) as opened:
        small = opened.convert("RGBA")
        small.thumbnail(LETTERHEAD)
        out = BytesIO()
        small.quantize(COLOURS, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
        return Letterhead(png=out.getvalue(), width=small.width, height=small.height)
