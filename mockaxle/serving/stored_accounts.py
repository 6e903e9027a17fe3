"""Accounts as a journal keeps them."""

from dataclasses import replace

from mockaxle.core.accounts import Role
from mockaxle.serving.hosted_world import Account
from mockaxle.world.stored_world import StoredAccount


def stored(account: Account) -> StoredAccount:
    hashed = account.password_hash
    return StoredAccount(
        account.username, account.world, account.roles, None if hashed is None else hashed.hex(), account.kept_after
    )


def account_in(kept: StoredAccount) -> Account:
    hashed = None if kept.password_hash is None else bytes.fromhex(kept.password_hash)
    account = Account(kept.username, kept.world, tuple(map(Role, kept.roles)))
    return replace(account, password_hash=hashed, kept_after=kept.kept_after)
