"""An account that is logged in to at the test's log-in server, and processes that renew its log-in."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from oauth_server import ID, OauthServer

from butler.oauth.access import AccessToken
from butler.oauth.provider import Client, Provider
from butler.oauth.tokens import Kept, Tokens

NAME = "mail.home"
CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from oauth_case import access_token
from oauth_server import OauthServer
server = OauthServer(url=sys.argv[1], ca_file=Path(sys.argv[3]) if sys.argv[3] else None)
print(access_token(server, Path(sys.argv[2]))(), flush=True)
"""


def client_of(server: OauthServer) -> Client:
    """The client that the server knows."""
    provider = Provider("Test", f"{server.url}/token", f"{server.url}/authorize", f"{server.url}/device")
    return Client(provider, ID, ("mail",), lambda: server.secret, server.ca_file)


def access_token(server: OauthServer, state: Path) -> AccessToken:
    """The secret of the account."""
    return AccessToken(NAME, client_of(server), state)


def logged_in(server: OauthServer, state: Path, *, left: float = 0.0) -> Kept:
    """Keep a log-in whose access token holds for so many seconds, a minute before its end already counted."""
    server.refresh = server.refresh or "refresh-first"
    now = time.time()
    kept = Kept(ID, "access-first", server.refresh, now - 3600, now + 60 + left)
    Tokens(state).keep(NAME, kept)
    return kept


def asking(server: OauthServer, state: Path) -> subprocess.Popen[str]:
    """A process of its own that fetches the access token."""
    argv = [sys.executable, "-c", CHILD, server.url, str(state), str(server.ca_file or ""), str(Path(__file__).parent)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
