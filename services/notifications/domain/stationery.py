"""What a town's letters are written on: its name and colours, its logo, its own words for some letters."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.notifications.domain.branding import Logo
from services.notifications.domain.copies import PLATFORM, Town
from services.notifications.domain.own_words import OwnWords


@dataclass(frozen=True, kw_only=True)
class Stationery:
    """`own_words`: by kind of letter and language; kinds a town left alone are not there."""

    town: Town
    logo: Logo | None = None
    own_words: Mapping[tuple[str, str], OwnWords] = field(default_factory=dict)


# Of letters no town writes.
PLAIN = Stationery(town=PLATFORM)
