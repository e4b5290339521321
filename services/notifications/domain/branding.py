"""How a town's mails look: its two colours, made readable on white and on black, and its logo."""

import re
from base64 import b64decode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from services.notifications.domain.copies import Town

HEX = re.compile(r"#[0-9a-f]{6}")
# As identity gives them to a town that chose none.
PRIMARY, ACCENT = "#1d4f91", "#a4262c"
WHITE, NIGHT = "#ffffff", "#1c1c1e"
# WCAG 2.2, 1.4.3: contrast of text, level AA.
LEAST_CONTRAST = 4.5
STEPS = 20
PNG = b"\x89PNG\r\n\x1a\n"
LARGEST_LOGO = 200_000
DIGEST_DIGITS = 16
# As shown, in CSS pixels; the picture has twice as many for screens that show them.
LOGO_WIDTH, LOGO_HEIGHT = 200, 80


@dataclass(frozen=True, kw_only=True)
class Logo:
    """`digest` names the picture; `width` and `height` are its pixels."""

    digest: str
    png: bytes
    width: int
    height: int

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height on a page, in CSS pixels."""
        scale = min(LOGO_WIDTH / self.width, LOGO_HEIGHT / self.height, 1.0)
        return max(round(self.width * scale), 1), max(round(self.height * scale), 1)


@dataclass(frozen=True, kw_only=True)
class Look:
    """Colours as `#` and six hex digits: `primary` behind white words, `accent` of links on white, `light_primary` and
    `light_accent` the same on a dark page.
    """

    primary: str
    accent: str
    light_primary: str
    light_accent: str


def logo_of(png_base64: str, width: int, height: int) -> Logo:
    """Raises `ValueError` for anything but a PNG of a letterhead's size: it goes into every mail of the town."""
    png = b64decode(png_base64, validate=True)
    if not png.startswith(PNG) or len(png) > LARGEST_LOGO or min(width, height) < 1:
        raise ValueError("no PNG of a letterhead's size")
    return Logo(digest=sha256(png).hexdigest()[:DIGEST_DIGITS], png=png, width=width, height=height)


def look_of(town: Town) -> Look:
    """Of a town that told no colours, or none that can be read, the house's."""
    return _look(_readable(town.primary_colour, PRIMARY), _readable(town.accent_colour, ACCENT))


@lru_cache(maxsize=1024)
def _look(primary: str, accent: str) -> Look:
    return Look(
        primary=primary, accent=accent, light_primary=lightened(primary, NIGHT), light_accent=lightened(accent, NIGHT)
    )


def _readable(colour: str, otherwise: str) -> str:
    """It goes into a style sheet: nothing but a colour may pass."""
    known = colour.lower()
    return known if HEX.fullmatch(known) and contrast(known, WHITE) >= LEAST_CONTRAST else otherwise


def lightened(colour: str, ground: str) -> str:
    """The colour mixed with as little white as makes it readable on `ground`."""
    for step in range(STEPS + 1):
        mixed = _mixed(colour, step / STEPS)
        if contrast(mixed, ground) >= LEAST_CONTRAST:
            return mixed
    return WHITE


def contrast(one: str, other: str) -> float:
    """Between 1 and 21, as WCAG 2.2 defines the contrast ratio."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _mixed(colour: str, white: float) -> str:
    return "#" + "".join(f"{round(channel + (255 - channel) * white):02x}" for channel in _channels(colour))


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
