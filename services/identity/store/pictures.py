"""Photos taken apart and made anew: what is kept is pixels only, no place, no camera, nothing hidden behind them."""

import asyncio
import warnings
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from services.identity.domain.pickup import PictureTooLarge, PictureUnreadable

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1_200
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP")


async def made_anew(content: bytes) -> bytes:
    """A JPEG of at most 1,200 pixels a side, upright. Raises `PictureUnreadable`, `PictureTooLarge`."""
    return await remade(content, MOST_PIXELS, _photo)


async def remade(content: bytes, most_pixels: int, encoded: Callable[[Image.Image], bytes]) -> bytes:
    """What `encoded` makes of a picture that can be opened. Raises `PictureUnreadable`, `PictureTooLarge`."""
    return await asyncio.to_thread(_remade, content, most_pixels, encoded)


def _remade(content: bytes, most_pixels: int, encoded: Callable[[Image.Image], bytes]) -> bytes:
    try:
        with warnings.catch_warnings():
            # Pillow warns of a bomb before it refuses one: both mean no.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as opened:
                # Known from the header, before a pixel is unpacked.
                if opened.width * opened.height > most_pixels:
                    raise PictureTooLarge(most=most_pixels // 1_000_000)
                return encoded(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge(most=most_pixels // 1_000_000) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise PictureUnreadable() from None


def _photo(opened: Image.Image) -> bytes:
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = BytesIO()
    upright.convert("RGB").save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
