"""What billing keeps of others' secrets (bank account numbers, credentials of payment providers) is unreadable at rest:
sealed with the keys of `BILLING_SECRETS_KEY`.
"""

from services.billing.usecases.secrets import NoSecretsKey, Unsealable
from shared import sealed
from shared.sealed import SecretsKeyWrong, read_keys

__all__ = ["SealedSecrets", "SecretsKeyWrong", "read_keys"]


class SealedSecrets(sealed.SealedSecrets):
    """What stands behind `usecases.secrets.Secrets`."""

    def __init__(self, setting: str) -> None:
        """Raises `SecretsKeyWrong`."""
        super().__init__(setting, no_key=NoSecretsKey, unsealable=Unsealable)
