"""What the handlers of household, custody, pick-up and confirmation work with; a part of `Parts`."""

from collections.abc import Callable
from dataclasses import dataclass

from services.identity.store import (
    ChangeStore,
    ChildReferences,
    ConfirmationStore,
    CustodyStore,
    FamilyFileStore,
    HouseholdStore,
    PhotoStore,
    PickupStore,
    Sealer,
    made_anew,
)
from services.identity.usecases.decide_change import Desk
from services.identity.usecases.pickup_persons import Pickup
from services.identity.usecases.request_change import Counter
from shared.clock import Clock
from shared.mongo import Database


@dataclass(frozen=True, kw_only=True)
class HouseholdParts:
    """`counter`: where families ask for changes; `change_desk`: where agents answer them."""

    changes: ChangeStore
    counter: Counter
    change_desk: Desk
    custodies: CustodyStore
    pickup: Pickup
    confirmations: ConfirmationStore
    references: ChildReferences

    @classmethod
    def on(
        cls,
        db: Database,
        wake: Callable[[str], None],
        *,
        households: HouseholdStore,
        files: FamilyFileStore,
        sealer: Sealer,
        clock: Clock,
    ) -> "HouseholdParts":
        changes, custodies = ChangeStore(db, wake), CustodyStore(db, wake)
        return cls(
            changes=changes,
            counter=Counter(households=households, changes=changes, custodies=custodies, clock=clock),
            change_desk=Desk(households=households, files=files, custodies=custodies, changes=changes, clock=clock),
            custodies=custodies,
            pickup=Pickup(
                households=households,
                homes=custodies,
                lists=PickupStore(db, wake),
                photos=PhotoStore(db, sealer),
                made_anew=made_anew,
                clock=clock,
            ),
            confirmations=ConfirmationStore(db, wake),
            references=ChildReferences(db),
        )
