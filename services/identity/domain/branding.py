"""How a town looks on its pages: two colours that can be read, and a logo."""

import base64
import re
from dataclasses import dataclass

from shared.contracts.towns import LetterheadSet
from shared.errors import N_, BadInput

HEX = re.compile(r"#[0-9a-f]{6}")
# WCAG 2.2, 1.4.3: contrast of text, level AA.
LEAST_CONTRAST = 4.5
WHITE = "#ffffff"


class TooPale(BadInput):
    code = "colour-too-pale"
    title = N_("Colour too pale")
    sentence = N_("White on %(colour)s has a contrast of %(contrast)s to 1; %(least)s to 1 is needed to read it.")
    remedy = N_("Choose a darker colour.")


@dataclass(frozen=True, kw_only=True)
class Branding:
    """`primary` lies behind white words, `accent` is the colour of links on white: `#` and six hex digits.

    `logo` is the digest of the picture, empty without one.
    """

    primary: str = "#1d4f91"
    accent: str = "#a4262c"
    logo: str = ""

    def check(self) -> None:
        """Raises `TooPale`."""
        for colour in (self.primary, self.accent):
            if (found := contrast(colour, WHITE)) < LEAST_CONTRAST:
                # Rounded down, or 4.46 would be refused as “4.5”.
                raise TooPale(colour=colour, contrast=int(found * 10) / 10, least=LEAST_CONTRAST)


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """The logo in the size of a letterhead, as PNG; empty without one."""

    png: bytes = b""
    width: int = 0
    height: int = 0

    def told(self, municipality_id: str) -> LetterheadSet:
        return LetterheadSet(
            municipality_id=municipality_id,
            png_base64=base64.b64encode(self.png).decode(),
            width=self.width,
            height=self.height,
        )


def contrast(one: str, other: str) -> float:
    """Between 1 and 21, as WCAG 2.2 defines the contrast ratio."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
