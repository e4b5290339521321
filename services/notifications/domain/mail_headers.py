"""Headers that machines read: never folded, and never encoded, as Python does with any word that fills a line."""

from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.policy import SMTP, Policy


class AsItIs(UnstructuredHeader):
    """One line of ASCII, up to the 998 characters a line of a mail may have."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]  # given when a header is made


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post"):
        registry.map_to_type(name, AsItIs)  # type: ignore[arg-type]  # typeshed knows no mixing in
    return registry


POLICY = SMTP.clone(header_factory=_registry())
