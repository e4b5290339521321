"""Editing what one has read: `If-Match` says which version was read, so that nobody overwrites what they never saw."""

from shared.errors import N_, Refused


class VersionMissing(Refused):
    code = "version-missing"
    status = 428
    title = N_("Say which version you read")
    sentence = N_("This can only be changed with the header If-Match, which names the version you have read.")
    remedy = N_("Read it again and send its ETag with the change.")


class VersionPassed(Refused):
    code = "version-passed"
    status = 412
    title = N_("Changed meanwhile")
    sentence = N_("Somebody else changed this since you read it.")
    remedy = N_("Read it again, then make your change.")


def etag(version: int) -> str:
    return f'"{version}"'


def check_version(if_match: str, version: int) -> None:
    """Raises `VersionMissing`, `VersionPassed`."""
    if not if_match:
        raise VersionMissing()
    if if_match.strip() not in ("*", etag(version)):
        raise VersionPassed()
