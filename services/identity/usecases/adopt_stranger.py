"""Somebody FranceConnect vouches for and nobody knows: their code makes them an account, linked from the start."""

from services.identity.domain.proofs import FRANCECONNECT, PASSWORD, Proven
from services.identity.domain.strangers import place_of, registration_as_filed
from services.identity.usecases.franceconnect import FranceConnect
from services.identity.usecases.invitations import Invitations
from services.identity.usecases.passwords import Passwords
from services.identity.usecases.register import Accounts, Admissions, admit_family
from shared.clock import Clock


async def adopt_stranger(
    token: str,
    code: str,
    email: str,
    password: str,
    *,
    address: str,
    franceconnect: FranceConnect,
    invitations: Invitations,
    accounts: Accounts,
    admissions: Admissions,
    passwords: Passwords,
    clock: Clock,
) -> Proven:
    """`token`: the browser's, `code` and `email`: of the town's letter. The password is for days without FranceConnect.

    Raises `NobodyToLink`, and what `admit_family` does.
    """
    stranger = await franceconnect.stranger(token)
    file, _ = await invitations.find_family(code, email, address)
    account = await admit_family(
        registration_as_filed(file, code=code, email=email, password=password),
        address=address,
        invitations=invitations,
        accounts=accounts,
        admissions=admissions,
        passwords=passwords,
        clock=clock,
        place=place_of(stranger.identity, file),
    )
    await franceconnect.adopt(token, account.id)
    return Proven(account=account, methods=frozenset({PASSWORD, FRANCECONNECT}), at=clock())
