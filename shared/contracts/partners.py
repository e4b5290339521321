"""What the partners service tells."""

from typing import ClassVar, Literal

from shared.contracts import Event


class SubscriptionPaused(Event):
    """A partner's system takes nothing any more, or said that it is gone: nothing is pushed to it until a manager of
    the town resumes the subscription; what happens meanwhile stays in the log. Subject: the subscription.

    `reason`: a word of the target's.
    """

    topic: ClassVar[str] = "partners.subscription_paused.v1"

    subscription_id: str
    municipality_id: str
    client_id: str
    kind: Literal["amqp", "webhook", "none"]
    reason: str
