"""The provider's words: `vads_…` fields signed with the shop's key.

Sources: the providers' public guide of the form mode (HMAC-SHA-256), as its clients implement it.
"""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from deploy.sandbox.payment.domain import Result
from deploy.sandbox.payment.wishes import Wish

# `vads_result`, `vads_trans_status` and `vads_auth_result` of each way a payment ends.
ENDS: Mapping[Result, tuple[str, str, str]] = {
    "paid": ("00", "AUTHORISED", "00"),
    "debited": ("00", "CAPTURED", "00"),
    "refused": ("05", "REFUSED", "05"),
    "debit_refused": ("05", "REFUSED", "05"),
    "abandoned": ("17", "ABANDONED", ""),
}
KEPT = (
    "vads_site_id",
    "vads_ctx_mode",
    "vads_currency",
    "vads_order_id",
    "vads_trans_id",
    "vads_trans_date",
    "vads_ext_info_eopayment_trans_id",
    "vads_payment_config",
    "vads_version",
)
NEEDED = {
    "vads_site_id": r"\d{8}",
    "vads_ctx_mode": r"TEST|PRODUCTION",
    "vads_currency": r"\d{3}",
    "vads_order_id": r"[A-Za-z0-9-]{1,64}",
    "vads_trans_id": r"[A-Za-z0-9]{6}",
    "vads_trans_date": r"\d{14}",
    "vads_amount": r"\d{1,12}",
    "vads_action_mode": r"INTERACTIVE",
    "vads_page_action": r"PAYMENT",
    "vads_url_return": r"https?://\S+",
    "vads_url_check": r"https?://\S+",
    "vads_version": r"V2",
}


@dataclass(frozen=True, kw_only=True)
class CardPayment:
    """A form that came: `name`, its day and time with the six letters of the transaction."""

    name: str
    fields: Mapping[str, str]
    created_at: datetime
    result: Result | None = None

    @property
    def shop(self) -> str:
        return self.fields["vads_site_id"]

    @property
    def reference(self) -> str:
        return self.fields["vads_order_id"]

    @property
    def amount_cents(self) -> int:
        return int(self.fields["vads_amount"])


def name_of(fields: Mapping[str, str]) -> str:
    return f"{fields['vads_trans_date']}_{fields['vads_trans_id']}"


def signature_of(fields: Mapping[str, str], key: str) -> str:
    """Values of the `vads_` fields in the order of their names, joined by plus signs, the key last."""
    values = [fields[name] for name in sorted(fields) if name.startswith("vads_")]
    return base64.b64encode(hmac.digest(key.encode(), "+".join([*values, key]).encode(), "sha256")).decode()


def is_sound(fields: Mapping[str, str], key: str) -> bool:
    if not hmac.compare_digest(signature_of(fields, key).encode(), fields.get("signature", "").encode()):
        return False
    return all(re.fullmatch(pattern, fields.get(name, "")) for name, pattern in NEEDED.items())


def word_of(payment: CardPayment, wish: Wish, key: str, number: int) -> dict[str, str]:
    """What the merchant is told, by notification and through the browser alike."""
    result, stands, authorised = ENDS[wish.result]
    told = {name: payment.fields[name] for name in KEPT if name in payment.fields}
    told |= {
        "vads_amount": str(payment.amount_cents if wish.amount_cents is None else wish.amount_cents),
        "vads_result": result,
        "vads_trans_status": stands,
        "vads_auth_result": authorised,
        "vads_auth_number": f"{number:06d}",
        "vads_operation_type": "DEBIT",
        "vads_trans_uuid": uuid4().hex,
        "vads_url_check_src": "PAY",
    }
    if wish.names == "unknown":
        told["vads_order_id"] = "P00000000000000000000000000000"
    return {**told, "signature": signature_of(told, "somebody-else" if wish.forged else key)}
