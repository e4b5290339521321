"""The stores behind consents, exports, erasures and retention, together because the same doors need them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self

from services.identity.domain.inactivity import Patience
from services.identity.settings import Settings
from services.identity.store.accounts import AccountStore
from services.identity.store.consents import ConsentStore
from services.identity.store.erasures import ErasureStore
from services.identity.store.exports import ExportStore
from services.identity.store.households import HouseholdStore
from services.identity.store.inactivity import InactivityStore
from services.identity.store.privacy import IdentityHoldings
from services.identity.store.retention import IdentityRetention
from services.identity.store.sealing import Sealer
from services.identity.usecases.end_inactive import end_inactive
from shared.clock import Clock
from shared.mongo import Database
from shared.privacy.store import erase_again
from shared.privacy.store import parts as privacy_parts
from shared.retention import Janitor, Task


@dataclass(frozen=True, kw_only=True)
class PrivacyDesk:
    """`heard`: what `shared.privacy.HANDLERS` work with. `janitor`: the daily job, for `app.build` to run."""

    consents: ConsentStore
    exports: ExportStore
    erasures: ErasureStore
    heard: dict[str, Any]
    janitor: Janitor

    @classmethod
    def on(
        cls,
        db: Database,
        wake: Callable[[str], None],
        *,
        sealer: Sealer,
        settings: Settings,
        collections: Collection[str],
        clock: Clock,
    ) -> Self:
        """`collections`: every one of the service: what an erasure must look through."""
        erasures = ErasureStore(db, wake)
        heard = privacy_parts(db, wake, IdentityHoldings(db, collections, sealer))
        return cls(
            consents=ConsentStore(db, wake),
            exports=ExportStore(db, wake, sealer),
            erasures=erasures,
            heard=heard,
            janitor=_janitor(db, wake, settings, erasures, heard, clock),
        )


def _janitor(
    db: Database,
    wake: Callable[[str], None],
    settings: Settings,
    erasures: ErasureStore,
    heard: dict[str, Any],
    clock: Clock,
) -> Janitor:
    kept = IdentityRetention(db, audit_days=settings.keep_audit_days, report_days=settings.keep_reports_days)
    inactivity = InactivityStore(db, wake)
    patience = Patience(months=settings.inactive_months, notice=timedelta(days=settings.inactive_notice_days))
    closed_life = timedelta(days=settings.keep_closed_accounts_days)

    async def forget_closed(now: datetime) -> int:
        return await inactivity.forget_closed(now - closed_life)

    tasks: dict[str, Task] = {
        "inactive_households": partial(
            end_inactive,
            patience=patience,
            inactivity=inactivity,
            accounts=AccountStore(db, wake),
            households=HouseholdStore(db, wake),
            erasures=erasures,
        ),
        "closed_accounts": forget_closed,
        "audit_trail": kept.audit_trail,
        "erasure_reports": kept.erasure_reports,
        "erased_households": partial(erase_again, heard["holdings"], heard["tombstones"]),
    }
    return Janitor("identity", db, tasks, clock)
