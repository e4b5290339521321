"""How cash offices take money online."""

from services.billing.store.paying.accounts import AccountStore

__all__ = ["AccountStore"]
