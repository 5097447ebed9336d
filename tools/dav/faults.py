"""Says in one sentence what went wrong between the butler and a DAV server, and whether trying again can help."""

from __future__ import annotations

from butler.core.errors import LoginError, SourceError


class Answered(Exception):  # noqa: N818 - it is an answer, and no error of ours
    """The server answered with a status other than success; `location` is set where it points elsewhere.

    `retry_after` is what it says of when to come again, as it stands there.
    """

    def __init__(self, status: int, location: str = "", *, web_page: bool = False, retry_after: str = "") -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.location = location
        self.web_page = web_page
        self.retry_after = retry_after


def told(error: Exception, host: str, account: str, noun: str) -> SourceError:
    """Turn any failure of a request into a SourceError that speaks of a `noun`; the original stays as its cause."""
    status = int(getattr(error, "status", None) or 0)
    if isinstance(error, Answered) and error.web_page:
        return SourceError(
            f"{host} answered with a web page instead of {noun}s.",
            advice=f"Check the url of the {noun} {account!r}, and whether the network asks you to log in.",
        )
    if status:
        return _refused(status, host, account, noun)
    name = type(error).__name__
    reason = f"{name}: {error}"
    if "CERTIFICATE" in reason.upper() or "SSLError" in name:
        return SourceError(
            f"The certificate of {host} cannot be trusted, so nothing was sent.",
            permanent=True,
            advice=f"Renew it, or name the authority that signed it as ca_file of the {noun} {account!r}, or set pin.",
        )
    if name == "RateLimitError":
        return SourceError(f"The {noun} server {host} asks to be left alone for a while.")
    if "Timeout" in name or "timed out" in reason:
        return SourceError(f"The {noun} server {host} did not answer in time.")
    if any(words in reason for words in ("Name or service not known", "NameResolution", "getaddrinfo", "name resolution")):
        return SourceError(f"The name of the {noun} server {host} could not be found.", advice="Check the url and the network.")
    if name in {"XMLSyntaxError", "ParseError", "ResponseError"}:
        return SourceError(f"What the {noun} server {host} answered cannot be read.")
    return SourceError(f"The {noun} server {host} could not be reached.", advice="Check that it runs, and the network.")


def _refused(status: int, host: str, account: str, noun: str) -> SourceError:
    if status == 401:
        return LoginError(
            f"The {noun} server {host} refused the user or password.",
            permanent=True,
            advice=f"Check user and password of the {noun} {account!r}; some servers want an app password.",
        )
    if status == 403:
        return SourceError(f"The {noun} server {host} does not let this user read the {noun} {account!r}.", permanent=True)
    if status in {404, 405, 410}:
        return SourceError(f"There is no {noun} at the url of {account!r} on {host}.", permanent=True, advice="Check the url.")
    if status in {429, 503}:
        return SourceError(f"The {noun} server {host} asks to be left alone for a while (HTTP {status}).")
    return SourceError(f"The {noun} server {host} failed with HTTP {status}.", permanent=status < 500)
