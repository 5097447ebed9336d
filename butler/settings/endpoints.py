"""All hosts and ports that one's settings name. Pure: where notices go stands in a secret, which is handed in."""

from __future__ import annotations

from collections.abc import Iterable

from butler.core.endpoints import Endpoint, of_all, of_notices, of_server
from butler.oauth.access import of_login
from butler.settings.values import Settings


def endpoints(settings: Settings, notice_urls: Iterable[str] = ()) -> tuple[Endpoint, ...]:
    """Everything that may be connected to with these settings: accounts, log-ins, the model, servers of MCP, notices."""
    accounts = settings.accounts()
    logins = [endpoint for account in accounts for endpoint in of_login(account)]
    foreign = [endpoint for server in settings.servers() for endpoint in of_server(server)]
    others = (*logins, *foreign, *of_notices(notice_urls, settings.notices.hosts))
    return of_all(accounts, settings.model_host(), others)
