"""How one person wants to be told: by topic and channel, in a daily digest, not at night, at one address or two."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.notifications.domain.channel_refusals import (
    ChannelNotOffered,
    DigestInQuietHours,
    MandatoryTopic,
    UnknownTopic,
)
from services.notifications.domain.quiet import QuietHours
from services.notifications.domain.topics import TOPICS, Topic, Way
from shared.errors import Said

# What a person's account says in identity, as this service calls it.
WAY_OF_WISH: Mapping[str, Way] = {"email": "mail", "inbox": "inbox", "push": "push", "sms": "sms"}
Choices = Mapping[str, Mapping[Way, bool]]


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """Of one guardian, or one agent (`household_id` empty). What is not chosen is as the topic usually goes.

    `choices`: on or off by topic code and way. `digest_hour`: of the town's day; None: each mail at once.
    `version`: 0 until something was chosen.
    """

    person_id: str
    household_id: str = ""
    choices: Choices = field(default_factory=dict)
    digest_hour: int | None = None
    quiet: QuietHours | None = None
    second_address: bool = True
    version: int = 0
    changed_at: datetime | None = None

    def wants(self, topic: Topic, way: Way, wishes: tuple[str, ...]) -> bool:
        """Whether the topic goes that way. `wishes`: the channels the person's account names, empty when it names none.

        The inbox makes no noise and a device that was registered is a wish of its own: wishes decide on mail and SMS.
        """
        if way not in topic.offered:
            return False
        if topic.fixed:
            return way in topic.usual
        chosen = self.choices.get(topic.code, {}).get(way)
        if chosen is None:
            chosen = way in topic.usual and _wished(way, wishes)
        if not chosen and topic.mandatory and way == "inbox":
            return not self.wants(topic, "mail", wishes)
        return chosen

    def chosen(
        self,
        *,
        choices: Choices,
        digest_hour: int | None,
        quiet: QuietHours | None,
        second_address: bool,
        wishes: tuple[str, ...],
        at: datetime,
    ) -> "Preferences":
        """The same person with other choices, whole.

        Raises `UnknownTopic`, `ChannelNotOffered`, `MandatoryTopic`, `DigestInQuietHours`.
        """
        for code, ways in choices.items():
            _check(code, ways)
        if digest_hour is not None and quiet and _is_quiet(quiet, digest_hour):
            raise DigestInQuietHours()
        return replace(
            self._with(choices, wishes),
            digest_hour=digest_hour,
            quiet=quiet,
            second_address=second_address,
            version=self.version + 1,
            changed_at=at,
        )

    def _with(self, choices: Choices, wishes: tuple[str, ...]) -> "Preferences":
        changed = replace(self, choices={code: dict(ways) for code, ways in choices.items() if ways})
        for code, ways in changed.choices.items():
            neither = ways.get("inbox") is False and not changed.wants(TOPICS[code], "mail", wishes)
            if TOPICS[code].mandatory and neither:
                raise MandatoryTopic(topic=Said(msgid=TOPICS[code].title))
        return changed

    def unsubscribed(self, topic: Topic, at: datetime, *, second: bool = False) -> "Preferences":
        """No more mail of that topic; of the second address, no more copies at all. The same when nothing changes.

        Raises `MandatoryTopic`.
        """
        if topic.mandatory:
            raise MandatoryTopic(topic=Said(msgid=topic.title))
        if second:
            changed = replace(self, second_address=False)
        else:
            ways: Mapping[Way, bool] = {**self.choices.get(topic.code, {}), "mail": False}
            changed = replace(self, choices={**self.choices, topic.code: ways})
        return self if changed == self else replace(changed, version=self.version + 1, changed_at=at)

    def shown(self, wishes: tuple[str, ...]) -> Mapping[str, bool]:
        """By topic code, whether the inbox shows it."""
        return {code: self.wants(topic, "inbox", wishes) for code, topic in TOPICS.items() if not topic.fixed}


def _wished(way: Way, wishes: tuple[str, ...]) -> bool:
    if way == "sms":
        return "sms" in wishes
    return way != "mail" or not wishes or "email" in wishes


def _check(code: str, ways: Mapping[Way, bool]) -> None:
    topic = TOPICS.get(code)
    if topic is None:
        raise UnknownTopic(topic=code)
    if topic.fixed and ways:
        raise MandatoryTopic(topic=Said(msgid=topic.title))
    if not set(ways) <= set(topic.offered):
        raise ChannelNotOffered(topic=Said(msgid=topic.title))


def _is_quiet(quiet: QuietHours, hour: int) -> bool:
    return quiet.start != quiet.end and quiet.covers(quiet.start.replace(hour=hour, minute=0))
