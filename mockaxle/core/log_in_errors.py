"""Why a log-in is refused, beside a wrong password. No rule of the vendor's API knows of these cases."""

from mockaxle.core.errors import Forbidden, Unauthenticated


class PasswordNotKept(Unauthenticated):
    """The account was opened from the server's own machine, where any password will do."""

    rule = "A2"
    says = "Incorrect username or password"
    advice = "Choose another username, or start the server with --shared: this account was opened without a password."


class ForeignForm(Forbidden):
    """A browser sends the log-in for a page of another origin."""

    rule = "A1"
    says = "A web page of another origin may not log in; --cors-origin names the origins whose pages may"
    advice = "Start the server with --cors-origin ORIGIN, or log in from a page of the server or without a browser."


class ForeignHost(Forbidden):
    """A browser calls a server on loopback by a name that is not of this machine."""

    rule = "A1"
    says = (
        "A web page may not log in by this host name; --allowed-host names further ones of this machine, and "
        "--cors-origin the origins whose pages may log in"
    )
    advice = "Call the server by localhost or 127.0.0.1, or start it with --allowed-host HOST."
