"""A partner's fake of the Flex Lite profile, written from the rules and the document alone, without mockaxle."""

from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from tests.foreign import access, assets, eligibility, onboarding, rewards, sites
from tests.foreign.access import Account, Accounts
from tests.foreign.errors import Refusal, answer_malformed, answer_refusal, answer_unreadable

ROUTERS = (
    access.door,
    access.router,
    eligibility.router,
    onboarding.router,
    sites.literals,
    sites.router,
    assets.router,
    rewards.router,
)


def create_app(accounts: Iterable[Account]) -> FastAPI:
    app = FastAPI(
        title="A partner's fake of Flex Lite",
        version="1.4.6",
        exception_handlers={
            Refusal: answer_refusal,
            RequestValidationError: answer_malformed,
            HTTPException: answer_unreadable,
        },
    )
    app.state.accounts = Accounts({account.username: account for account in accounts})
    for router in ROUTERS:
        app.include_router(router)
    return app
