"""What the owner of an account is warned of by mail, at every address known to be theirs."""

from datetime import datetime

from services.identity.domain.accounts import Account
from shared.contracts.identity import SecurityNoticed
from shared.ids import new_id

PASSWORD_CHANGED, EMAIL_CHANGED = "password_changed", "email_changed"
SECOND_FACTOR_ADDED, SECOND_FACTOR_REMOVED = "second_factor_added", "second_factor_removed"
PASSKEY_ADDED, PASSKEY_REMOVED = "passkey_added", "passkey_removed"
RECOVERY_CODE_USED, NEW_DEVICE = "recovery_code_used", "new_device"
SESSIONS_ENDED, ACCOUNT_CLOSED = "sessions_ended", "account_closed"
FRANCECONNECT_LINKED, FRANCECONNECT_UNLINKED = "franceconnect_linked", "franceconnect_unlinked"
TOKEN_REUSED = "token_reused"


def notice(
    account: Account, kind: str, at: datetime, *, device: str = "", emails: tuple[str, ...] = ()
) -> SecurityNoticed:
    """`emails`: instead of the account's own addresses, when it has just changed them."""
    own = (account.email, account.secondary_email)
    return SecurityNoticed(
        notice_id=new_id("ntc"),
        account_id=account.id,
        emails=emails or tuple(one for one in own if one),
        addressee=f"{account.first_name} {account.last_name}".strip(),
        kind=kind,
        at=at,
        device=device or None,
        language=account.language,
    )
