"""Who is told of an event by mail, on devices and by SMS, and when."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from services.notifications.domain.copies import Guardian, Household, Recipient, Town
from services.notifications.domain.devices import Device
from services.notifications.domain.digest import Digest, digest_id
from services.notifications.domain.doors import DIGEST, Doors, one_click
from services.notifications.domain.messages import Channel, Mail, mail_for
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.quiet import after_quiet, next_digest
from services.notifications.domain.topics import KINDS, WAYS, Kind, Topic, Way
from services.notifications.domain.wording import WORDINGS
from shared.contracts import Event, Told
from shared.i18n import DEFAULT_LANGUAGE, LANGUAGES


@dataclass(frozen=True, kw_only=True)
class Reached:
    """One household, how its guardians want to be told (by guardian), and their devices."""

    household: Household
    preferences: Mapping[str, Preferences] = field(default_factory=dict)
    devices: Sequence[Device] = ()

    def of(self, guardian: Guardian) -> Preferences:
        return self.preferences.get(guardian.id) or Preferences(person_id=guardian.id, household_id=self.household.id)

    def language_of(self, guardian: Guardian) -> str:
        wanted = (guardian.language, self.household.language)
        return next((one for one in wanted if one in LANGUAGES), DEFAULT_LANGUAGE)


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What is told, of which town, by which ways at most, at which moment."""

    told: Told[Event]
    town: Town
    at: datetime
    ways: frozenset[Way]
    doors: Doors = field(default_factory=Doors)

    @property
    def kind(self) -> Kind:
        return KINDS[type(self.told.event)]

    @property
    def topic(self) -> Topic:
        return self.kind.topic

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.town.time_zone)

    @property
    def digestible(self) -> bool:
        """A digest shows the words of the inbox: what is only a letter goes by itself."""
        return self.topic.digestible and type(self.told.event) in WORDINGS


def ways_of(event: type[Event], offered: Collection[Way], asked: Collection[Way] = WAYS) -> frozenset[Way]:
    """How an event may go at all: by its kind's ways, its topic's, those this installation has and those asked for."""
    kind = KINDS[event]
    return frozenset(kind.ways) & frozenset(kind.topic.offered) & frozenset(offered) & frozenset(asked)


def plan(occasion: Occasion, reached: Reached) -> list[Mail]:
    """Everything to be carried to one household, digests before what is gathered for them.

    An address two guardians share gets one mail, in the first one's name.
    """
    by_address: dict[str, Mail] = {}
    others: list[Mail] = []
    for guardian in reached.household.guardians:
        wishes = reached.of(guardian)
        wanted = {way for way in occasion.ways if wishes.wants(occasion.topic, way, guardian.channels)}
        if "mail" in wanted:
            for recipient in _addresses(guardian, reached):
                by_address.setdefault(recipient.address.casefold(), _mail(occasion, reached, wishes, recipient))
        if "push" in wanted:
            others += _pushes(occasion, reached, guardian)
        if "sms" in wanted and guardian.phone.strip():
            others.append(_timed(occasion, reached, wishes, _person(guardian, reached, guardian.phone), "sms"))
    mails = list(by_address.values())
    return [*_digests(mails), *mails, *others]


def _addresses(guardian: Guardian, reached: Reached) -> Iterator[Recipient]:
    """The first address, and the second one for who wants copies there."""
    second = guardian.secondary_email if reached.of(guardian).second_address else ""
    for place, given in enumerate((guardian.email, second)):
        if address := given.strip():
            recipient = _person(guardian, reached, address)
            yield replace(recipient, id=f"{guardian.id}.{place + 1}") if place else recipient


def _person(guardian: Guardian, reached: Reached, address: str) -> Recipient:
    name = f"{guardian.first_name} {guardian.last_name}".strip()
    return Recipient(id=guardian.id, address=address, name=name, language=reached.language_of(guardian))


def _pushes(occasion: Occasion, reached: Reached, guardian: Guardian) -> Iterator[Mail]:
    for device in reached.devices:
        if device.person_id == guardian.id:
            recipient = replace(_person(guardian, reached, ""), id=device.id)
            yield _timed(occasion, reached, reached.of(guardian), recipient, "push")


def _mail(occasion: Occasion, reached: Reached, wishes: Preferences, recipient: Recipient) -> Mail:
    if occasion.digestible and wishes.digest_hour is not None:
        due = next_digest(wishes.digest_hour, occasion.at, occasion.zone)
        mail = _timed(occasion, reached, wishes, recipient, "mail", topic_code=DIGEST)
        key = digest_id(recipient.id, occasion.town.id, due.strftime("%Y%m%dT%H%MZ"))
        return replace(mail, digest_id=key, due_at=due)
    return _timed(occasion, reached, wishes, recipient, "mail")


def _timed(
    occasion: Occasion,
    reached: Reached,
    wishes: Preferences,
    recipient: Recipient,
    channel: Channel,
    *,
    topic_code: str = "",
) -> Mail:
    told = occasion.told
    mail = mail_for(told, recipient, household_id=reached.household.id, channel=channel)
    quiet = None if occasion.topic.urgent else wishes.quiet
    due = after_quiet(quiet, occasion.at, occasion.zone)
    code = topic_code or occasion.topic.code
    url = occasion.doors.unsubscribing(reached.household.id, recipient.id, code) if channel == "mail" else ""
    return replace(
        mail,
        due_at=due if due > occasion.at else None,
        quiet=quiet,
        time_zone=occasion.town.time_zone,
        unsubscribe_url=url,
        headers=one_click(url),
    )


def _digests(mails: Sequence[Mail]) -> Iterator[Mail]:
    """The mail each gathered one will be part of; made once however many there are for it."""
    for mail in mails:
        if mail.digest_id and mail.due_at:
            yield replace(
                mail, id=mail.digest_id, caused_by=mail.digest_id, event=Digest(), told_at=mail.due_at, digest_id=""
            )
