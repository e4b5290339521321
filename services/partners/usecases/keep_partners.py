"""Partner accounts as identity tells them; one that is ended, or may read no more, is served no more."""

from collections.abc import Collection
from typing import Protocol

from services.partners.domain.subscriptions import Subscription
from services.partners.usecases.end_subscription import EndedSubscriptions, Feeds, end
from services.partners.usecases.targets import Targets
from shared.contracts import Told
from shared.contracts.identity import PartnerSet

EVENTS_READ = "events.read"


class Partners(Protocol):
    async def keep(self, client_id: str, municipality_ids: Collection[str], sequence: int) -> None: ...


class Subscriptions(EndedSubscriptions, Protocol):
    async def all_of_partner(self, client_id: str) -> list[Subscription]: ...


async def keep_partner(
    told: Told[PartnerSet], *, partners: Partners, subscriptions: Subscriptions, feeds: Feeds, targets: Targets
) -> None:
    event = told.event
    towns = event.municipality_ids if event.active and EVENTS_READ in event.scopes else ()
    await partners.keep(event.client_id, towns, told.sequence)
    for subscription in await subscriptions.all_of_partner(event.client_id):
        if subscription.municipality_id not in towns:
            await end(subscription, subscriptions=subscriptions, feeds=feeds, targets=targets)
