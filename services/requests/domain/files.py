"""Documents families join: which kinds, how large, and what is left of them once checked."""

from dataclasses import dataclass
from enum import StrEnum

import puremagic

from services.requests.domain.refusals import DeclaredKindDiffers, FileKindRefused

FILE_BYTES = 20 * 1024 * 1024
"""What a file may weigh where the installation sets nothing else (`REQUESTS_FILE_MB`)."""
QUOTA_BYTES = 100 * 1024 * 1024
"""What the drafts of one household may hold together."""
HEAD_BYTES = 16
"""As many bytes tell the kind."""


class Kind(StrEnum):
    """Accepted media types."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"

    @property
    def suffix(self) -> str:
        return {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[self]


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where a stored file belongs; every question about a file carries it."""

    household_id: str
    municipality_id: str
    request_id: str


ACCEPTED = "PDF, JPEG, PNG"


def kind_of(head: bytes, declared: str) -> Kind:
    """The kind the first bytes tell. Raises `FileKindRefused`, `DeclaredKindDiffers`."""
    try:
        kind = Kind(puremagic.from_string(head, mime=True))
    except (puremagic.PureError, ValueError):
        # Bytes puremagic does not know, none at all, or a kind that is not accepted.
        raise FileKindRefused(accepted=ACCEPTED) from None
    if kind != declared:
        raise DeclaredKindDiffers(declared=declared, found=str(kind))
    return kind
