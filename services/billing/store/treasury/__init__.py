"""MongoDB documents about debts at the Treasury."""

from services.billing.store.treasury.batches import BatchStore
from services.billing.store.treasury.orders import CollectionOrderStore
from services.billing.store.treasury.settings import ReturnStore, TreasurySettingsStore

__all__ = ["BatchStore", "CollectionOrderStore", "ReturnStore", "TreasurySettingsStore"]
