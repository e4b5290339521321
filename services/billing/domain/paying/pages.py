"""Where the payer's browser goes to pay."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PageForm:
    """What the browser sends to a card provider, as it is: the provider checks its signature."""

    url: str
    fields: Mapping[str, str]
