"""Log-in, and the user who is logged in, over HTTP."""

from mockaxle.core.accounts import Role, issue, issue_static
from mockaxle.core.errors import FieldFault, Malformed
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.server.reading import check_size, read_form
from mockaxle.wire.accounts import Body_login_for_access_token_form_auth_token_form_post as LogInForm
from mockaxle.wire.accounts import Token, User
from mockaxle.world.entries import TOKEN_MARK, Request


def read_log_in(request: Request) -> LogInForm:
    """Read the form, before the world is known. Raises: BodyTooLarge, Malformed. Source: A1."""
    check_size(request)
    form = read_form(LogInForm, request)
    if "/" in form.username:
        fault = FieldFault(("body", "username"), "a username has no slash", "value_error")
        raise Malformed((fault,), "Use a username without a slash.")
    return form


def log_in(call: Call[LogInForm]) -> Reply:
    """Issue a token to an account whose password was right. Source: A1, H1."""
    who = call.principal
    if Role.HOME_ASSISTANT in who.roles:
        tokens, number = issue_static(call.world.tokens, who.username, now=call.now)
    else:
        tokens, number = issue(call.world.tokens, who.username, roles=who.roles, now=call.now)
    body = Token(access_token=TOKEN_MARK.decode(), token_type="bearer")
    return Reply(body, tokens=tokens, token=number, rules=("A1",))


def who_am_i(call: Call[None]) -> Reply:
    """Source: A5."""
    assert call.grant is not None, "the operation is secured"
    return Reply(User(username=call.grant.username, roles=list(call.grant.roles)), rules=("A5",))


HANDLERS = (
    Handler("POST /auth/token-form", log_in, LogInForm),
    Handler("GET /auth/users/me/", who_am_i),
)
