"""What a person hands over at the counter must be entered whole: a cheque with its number, vouchers one by one."""

from services.billing.domain.till.receipts import Means, Mode
from services.billing.domain.till.refusals import ChequeNeeded, VouchersUnlikeAmount


def check_means(mode: Mode, cents: int, means: Means) -> None:
    """Raises `ChequeNeeded`, `VouchersUnlikeAmount`."""
    has_cheque = bool(means.cheque_number and means.bank)
    if has_cheque != (mode == "cheque") or bool(means.cheque_number) != bool(means.bank):
        raise ChequeNeeded()
    serials = [(one.kind, one.serial) for one in means.vouchers]
    wanted = cents if mode == "voucher" else 0
    if sum(one.cents for one in means.vouchers) != wanted or len(set(serials)) < len(serials):
        raise VouchersUnlikeAmount()
