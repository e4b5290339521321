"""Whether a price is for families who live in the town, for the others, or for everyone."""

from typing import Literal

Audience = Literal["resident", "outside", "everyone"]


def concerns(audience: Audience, resident: bool) -> bool:
    return audience == "everyone" or audience == ("resident" if resident else "outside")
