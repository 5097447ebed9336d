"""All hosts and ports that one's settings name. Pure: where notices go stands in a secret, which is handed in."""

from __future__ import annotations

from collections.abc import Iterable

from butler.core.endpoints import Endpoint, of_all, of_notices
from butler.oauth.access import of_login
from butler.settings.values import Settings


def endpoints(settings: Settings, notice_urls: Iterable[str] = ()) -> tuple[Endpoint, ...]:
    """Everything that the butler may connect to with these settings: mail, sending, calendars, log-ins, the model, notices."""
    accounts = settings.accounts()
    logins = [endpoint for account in accounts for endpoint in of_login(account)]
    return of_all(accounts, settings.model_host(), (*logins, *of_notices(notice_urls, settings.notices.hosts)))
