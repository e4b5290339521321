"""Photos taken apart and made anew: what is kept is pixels only, no place, no camera, nothing hidden behind them."""

import asyncio
import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from services.identity.domain.pickup import PictureTooLarge, PictureUnreadable

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1_200
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP")


async def made_anew(content: bytes) -> bytes:
    """A JPEG of at most 1,200 pixels a side, upright. Raises `PictureUnreadable`, `PictureTooLarge`."""
    return await asyncio.to_thread(_made_anew, content)


def _made_anew(content: bytes) -> bytes:
    try:
        with warnings.catch_warnings():
            # Pillow warns of a bomb before it refuses one: both mean no.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _encoded(content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge(most=MOST_PIXELS // 1_000_000) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise PictureUnreadable() from None


def _encoded(content: bytes) -> bytes:
    with Image.open(BytesIO(content), formats=FORMATS) as opened:
        # Known from the header, before a pixel is unpacked.
        if opened.width * opened.height > MOST_PIXELS:
            raise PictureTooLarge(most=MOST_PIXELS // 1_000_000)
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        out = BytesIO()
        upright.convert("RGB").save(out, "JPEG", quality=QUALITY, optimize=True)
        return out.getvalue()
