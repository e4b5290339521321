"""The ways a service says no. Doors translate them: HTTP to a problem document, messages to the parking queue.

A refusal is a class: its `code` is the stable problem type, its sentences are gettext msgids with named
`%(fact)s` places, and its facts are plain values (dates, aware instants, `Cents`, text) that the door formats
in the caller's language. `remedy` says what the caller can do next.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal


def N_(msgid: str) -> str:  # noqa: N802  # the name gettext tools look for
    """Mark a sentence for extraction; it is translated where it is shown."""
    return msgid


@dataclass(frozen=True, kw_only=True)
class Said:
    """A part of a sentence with facts of its own: where a fact of another one is said, not shown."""

    msgid: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Worded:
    """A fact a town wrote itself, by language: shown as it is, in the reader's when it is there, else in French."""

    by_language: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Several facts in a row, put together as the language does: “a, b and c”, or one sentence after the other."""

    parts: tuple[Any, ...]
    by: Literal["and", "or", "comma", "sentence"] = "and"


class Refused(Exception):
    """The rules forbid it; trying again changes nothing."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = N_("Not possible")
    sentence: ClassVar[str] = N_("This is not possible.")
    remedy: ClassVar[str] = ""

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts


class NotFound(Refused):
    """There is no such thing, or not for this caller: the two are told apart nowhere."""

    code = "not-found"
    status = 404
    title = N_("Not found")
    sentence = N_("There is nothing at this address for you.")
    remedy = N_("Check the address, or go back to the previous page.")


class Forbidden(Refused):
    """The caller is known but may not do this."""

    code = "forbidden"
    status = 403
    title = N_("Not allowed")
    sentence = N_("Your account may not do this.")
    remedy = N_("Ask the town hall for the role you need.")


class Unauthenticated(Refused):
    """No token, or one that is expired, forged or revoked."""

    code = "unauthenticated"
    status = 401
    title = N_("Sign in first")
    sentence = N_("This needs a valid session.")
    remedy = N_("Sign in and try again.")


class Conflict(Refused):
    """Someone else changed it meanwhile; trying again may work."""

    code = "changed-meanwhile"
    title = N_("Changed meanwhile")
    sentence = N_("Someone else changed this at the same moment.")
    remedy = N_("Reload and try again.")


class Unavailable(Refused):
    """Something this answer depends on does not answer now."""

    code = "unavailable"
    status = 503
    title = N_("Not available for the moment")
    sentence = N_("This part of the service does not answer for the moment.")
    remedy = N_("Try again in a few seconds.")

    def __init__(self, retry_after: int = 2, **facts: Any) -> None:
        super().__init__(**facts)
        self.retry_after = retry_after


class TooMany(Refused):
    """The caller goes faster than the limit allows."""

    code = "too-many-requests"
    status = 429
    title = N_("Too many attempts")
    sentence = N_("Too many attempts in a short time.")
    remedy = N_("Wait %(retry_after)s seconds and try again.")

    def __init__(self, retry_after: int, **facts: Any) -> None:
        super().__init__(retry_after=retry_after, **facts)
        self.retry_after = retry_after


class BadInput(Refused):
    """The request does not have the documented shape; `errors` names each field."""

    code = "invalid-input"
    status = 422
    title = N_("Invalid input")
    sentence = N_("Some fields are not as expected.")
    remedy = N_("Correct the fields named in “errors” and send again.")

    def __init__(self, errors: list[dict[str, Any]] | None = None, **facts: Any) -> None:
        super().__init__(**facts)
        self.errors = errors or []


class MalformedBody(BadInput):
    code = "malformed-body"
    status = 400
    title = N_("Unreadable body")
    sentence = N_("The body could not be read as %(expected)s.")
    remedy = N_("Send a well-formed body with the matching Content-Type.")


class WrongMediaType(BadInput):
    code = "wrong-media-type"
    status = 415
    title = N_("Wrong media type")
    sentence = N_("This address expects %(expected)s.")
    remedy = N_("Set the Content-Type header accordingly.")


class TooLarge(BadInput):
    code = "too-large"
    status = 413
    title = N_("Too large")
    sentence = N_("The body is larger than the limit of %(limit_kb)s kB.")
    remedy = N_("Send a smaller body or file.")


class WrongMethod(Refused):
    """The address exists, but does not take this HTTP method."""

    code = "method-not-allowed"
    status = 405
    title = N_("Wrong method")
    sentence = N_("This address does not take this method.")
    remedy = N_("Use one of the methods of the Allow header.")


class OurFault(Refused):
    """Something failed that should not have; the reason is in the log, never in the answer."""

    code = "internal-error"
    status = 500
    title = N_("Internal error")
    sentence = N_("Something failed on our side. The operators are told.")
    remedy = N_("Try again later.")


class KeyMissing(BadInput):
    code = "idempotency-key-missing"
    status = 400
    title = N_("Idempotency-Key missing")
    sentence = N_("This call needs an Idempotency-Key header of 8 to 255 visible characters.")
    remedy = N_("Send a fresh random key per intended action, and the same key when you retry it.")


class KeyReused(BadInput):
    code = "idempotency-key-reused"
    title = N_("Idempotency-Key already used")
    sentence = N_("This Idempotency-Key was already used with another body.")
    remedy = N_("Use a new key for a new action.")
