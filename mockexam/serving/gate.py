"""Who may reach the server: this machine only, with the secret of this run, from a page that the server itself sent.

Whoever connects has a shell as the user who started the server. On a machine with several users all of them reach its
loopback address, and so do web pages that its browsers show. Hence three questions about each request:

- the secret, made anew for each run and part of the path. A cookie would not do: browsers send cookies to every port
  of a host, and another user may listen on one;
- the name the browser knows the server by (Host): after DNS rebinding it is a stranger's;
- the page a websocket is opened from (Origin): browsers let any page open one anywhere.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from urllib.parse import urlsplit

from graders.sentences import sentence
from mockexam.errors import AttemptError

DEFAULT_PORT = 8420


def loopback(host: str, port: int) -> str:
    """The address to listen on. Raises AttemptError when other machines could reach it."""
    if host.lower() == "localhost":
        return "127.0.0.1"
    if not is_loopback(host):
        raise AttemptError(
            sentence("an address of this machine alone: 127.0.0.1, ::1 or localhost"),
            host,
            sentence(
                "The page is a shell as you, so it is not offered to a network. From another machine use"
                " `ssh -L {port}:127.0.0.1:{port} HOST` and open the address there.",
                port=port,
            ),
            kind="usage",
        )
    return host.strip("[]")


def is_loopback(host: str | None) -> bool:
    """Whether a name or address in a URL means this machine, whatever DNS says."""
    if host is None:
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Gate:
    """Answers the questions; `secret` is 256 bits in characters that a path may hold."""

    def __init__(self, secret: str | None = None) -> None:
        self.secret = secret or secrets.token_urlsafe(32)

    def knows(self, given: str) -> bool:
        """Whether the secret is right; takes as long for a nearly right one."""
        # A path may hold bytes that are no text.
        return hmac.compare_digest(given.encode(errors="surrogatepass"), self.secret.encode())

    def is_named(self, host: str | None) -> bool:
        """Whether the Host header names this machine. The port may differ: it may be forwarded."""
        return _hostname(f"//{host}") is not None if host else False

    def is_own_page(self, origin: str | None, host: str | None) -> bool:
        """Whether the Origin header names the server that the Host header names. Browsers always send it."""
        return bool(origin) and bool(host) and origin == f"http://{host}" and self.is_named(host)


def _hostname(url: str) -> str | None:
    """The loopback host of a URL; None for any other, and for what is not a URL."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts.hostname if is_loopback(parts.hostname) and "@" not in parts.netloc else None
