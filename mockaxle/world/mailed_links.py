"""Issues the links in e-mails. The core cannot, since tokens are no part of the state. Source: B11, B13."""

from mockaxle.core.accounts import MAILED_LINK_LIFETIME, Link, LinkKind, Tokens, issue_link
from mockaxle.core.emails import Email, Emails


def issued_links(tokens: Tokens, emails: Emails, *, owner: str) -> tuple[Tokens, Emails]:
    """Issue a link, valid for 48 hours from its e-mail on, for each e-mail that needs one. Source: B11.

    Shape: owner is the account of a link whose withdrawal has none.
    """
    linked = list[Email]()
    for email in emails:
        if email.needs_link:
            link, lifetime = Link(LinkKind.WITHDRAWAL, email.site_id), MAILED_LINK_LIFETIME
            username = email.username or owner
            tokens, number = issue_link(tokens, username, link=link, now=email.at, lifetime=lifetime)
            email = email._replace(token=number)
        linked.append(email)
    return tokens, tuple(linked)


def without_links(emails: Emails) -> Emails:
    """Drop the links of e-mails, whose tokens are those of another world."""
    return tuple([email._replace(token=None) for email in emails])
