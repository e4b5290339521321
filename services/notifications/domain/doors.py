"""Links in mails that work without signing in: the one that ends mails of a topic (RFC 8058)."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.notifications.domain.signing import is_signed, sign
from services.notifications.domain.topics import TOPICS, Topic
from shared.errors import NotFound

PURPOSE = "unsubscribe"
# Of a digest: every topic that goes into digests.
DIGEST = "digest"
BETWEEN = "~"
PARTS = 4


@dataclass(frozen=True, kw_only=True)
class Unsubscription:
    """Who ends what. `recipient_id`: the guardian, `.2` behind it for the second address."""

    household_id: str
    recipient_id: str
    topic_code: str

    @property
    def person_id(self) -> str:
        return self.recipient_id.partition(".")[0]

    @property
    def second(self) -> bool:
        return "." in self.recipient_id

    @property
    def topics(self) -> tuple[Topic, ...]:
        if self.topic_code == DIGEST:
            return tuple(topic for topic in TOPICS.values() if topic.digestible)
        return (TOPICS[self.topic_code],)


@dataclass(frozen=True, kw_only=True)
class Doors:
    """`public_url`: of the gateway. Without it or without a key of 32 characters there are no such links."""

    public_url: str = ""
    key: str = ""

    def unsubscribing(self, household_id: str, recipient_id: str, topic_code: str) -> str:
        """The address that ends mails of that topic to that reader; empty for what must be told."""
        topic = TOPICS.get(topic_code)
        if not self.public_url or not self.key or (topic and topic.mandatory):
            return ""
        text = BETWEEN.join((household_id, recipient_id, topic_code))
        token = f"{text}{BETWEEN}{sign(self.key, PURPOSE, text)}"
        return f"{self.public_url.rstrip('/')}/api/v1/unsubscriptions/{token}"

    def read(self, token: str) -> Unsubscription:
        """What the link says. Raises `NotFound` for one this service did not make."""
        parts = token.split(BETWEEN)
        if not self.key or len(parts) != PARTS or not is_signed(self.key, PURPOSE, BETWEEN.join(parts[:3]), parts[3]):
            raise NotFound()
        household_id, recipient_id, topic_code, _ = parts
        if topic_code != DIGEST and topic_code not in TOPICS:
            raise NotFound()
        return Unsubscription(household_id=household_id, recipient_id=recipient_id, topic_code=topic_code)


def one_click(url: str) -> Mapping[str, str]:
    """The headers of RFC 8058: mail programs show “unsubscribe” and post to the address themselves."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url else {}
