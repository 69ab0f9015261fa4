"""Decides which addresses may receive the credentials. Nothing here opens a connection.

An address is taken apart once, checked, and put together again from the checked parts,
so that what was checked is what is sent. Everything ambiguous is refused instead of
being repaired: user information, backslashes, white space, names that are not ASCII.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from boomi.client.errors import BadAddress, ForeignHost, Unreachable

Resolve = Callable[[str], Sequence[str]]

_DEFAULT_PORTS = {"https": 443, "http": 80}
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
# Clean addresses are printable ASCII; a backslash or a space reads differently in each parser.
_FORBIDDEN = re.compile(r"[^\x21-\x7e]|[\\^`{}|<>\"]")
_LOOPBACK_NAMES = ("localhost",)
_LONGEST = 4096

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of an address; lower case, default port filled in."""

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = _DEFAULT_PORTS[self.scheme] == self.port
        return f"{self.scheme}://{host}" + ("" if default else f":{self.port}")


def resolve_name(host: str) -> list[str]:
    """The addresses of a host name, asked of the system. Raises Unreachable."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        found = []
    if not found:
        raise Unreachable(f"The host name {host} cannot be resolved.", code="HOST_UNKNOWN")
    return [str(entry[4][0]) for entry in found]


def read_address(url: str) -> tuple[Origin, SplitResult]:
    """Take an address apart. Raises BadAddress with the reason in one sentence."""
    if len(url) > _LONGEST or _FORBIDDEN.search(url):
        raise BadAddress("The address holds characters that an address may not hold.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = SplitResult("", "", "", "", ""), None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname or port == 0:
        raise BadAddress("The address must look like https://api.boomi.com.")
    if "@" in parts.netloc:
        raise BadAddress("The address may not hold a user name or a password.")
    host = _normal_host(parts.hostname)
    return Origin(scheme, host, port or _DEFAULT_PORTS[scheme]), parts


def _normal_host(host: str) -> str:
    literal = _literal(host)
    if literal is not None:
        return str(literal)
    name = host.lower().removesuffix(".")
    if not _NAME.fullmatch(name):
        raise BadAddress("The address does not hold a proper host name.")
    return name


def _literal(host: str) -> _IPAddress | None:
    if "%" in host:
        raise BadAddress("The address may not name a network zone.")
    try:
        found: _IPAddress = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else found


def _is_private(address: _IPAddress) -> bool:
    return (address.is_private or address.is_loopback) and not _is_never_allowed(address)


def _is_never_allowed(address: _IPAddress) -> bool:
    # Link-local holds the metadata services of cloud machines; no platform lives there.
    return address.is_link_local or address.is_multicast or address.is_unspecified


def is_private_host(host: str, resolve: Resolve = resolve_name) -> bool:
    """Whether every address of the host is a loopback or private one."""
    literal = _literal(host)
    if literal is not None:
        return _is_private(literal)
    if host in _LOOPBACK_NAMES or host.endswith(".localhost"):
        return True
    found = [_literal(address.partition("%")[0]) for address in resolve(host)]
    return bool(found) and all(a is not None and _is_private(a) for a in found)


def is_listed(origin: Origin, hosts: Iterable[str]) -> bool:
    """Whether a list entry names this host: `api.boomi.com`, `*.boomi.com` (any depth
    below, not the domain itself), each optionally with `:port`; without one only the
    default port of https counts. Numeric addresses match only when written out."""
    for entry in hosts:
        name, _, port = entry.strip().lower().rpartition(":") if ":" in entry else (entry, "", "")
        name = name.strip().lower().removesuffix(".")
        if origin.port != (int(port) if port.isdigit() else 443):
            continue
        if name.startswith("*."):
            if origin.host.endswith(name[1:]) and _literal(origin.host) is None:
                return True
        elif name and origin.host == name.strip("[]"):
            return True
    return False


@dataclass(frozen=True, slots=True)
class HostRule:
    """Where one connection may send its credentials: its own origin or a listed host."""

    base: Origin
    allowed_hosts: tuple[str, ...] = ("*.boomi.com",)
    allow_http_private: bool = False
    resolve: Resolve = resolve_name

    def check(self, url: str) -> str:
        """The address to send to, rebuilt from its checked parts.

        Raises ForeignHost (or BadAddress) before any connection is made. A host
        counts as the connection's own only with the same port. Plain http passes
        only for loopback and private addresses, and only where that is switched on.
        """
        origin, parts = read_address(url)
        same = (origin.host, origin.port) == (self.base.host, self.base.port)
        if not same and not is_listed(origin, self.allowed_hosts):
            raise ForeignHost(
                f"The answer points to {origin.url}, which may not receive the credentials."
            )
        if origin.scheme != "https":
            self._check_plain(origin)
        query = f"?{parts.query}" if parts.query else ""
        return f"{origin.url}{parts.path or '/'}{query}"

    def _check_plain(self, origin: Origin) -> None:
        if self.allow_http_private and is_private_host(origin.host, self.resolve):
            return
        raise ForeignHost(
            f"{origin.url} is not secured, so the credentials are not sent there.",
            hint="Use https. Plain http is only for private addresses in a demo or a test.",
            code="INSECURE_ADDRESS",
        )


def check_base_url(
    url: str,
    hosts: Sequence[str] = ("*.boomi.com",),
    allow_private: bool = False,
    resolve: Resolve = resolve_name,
) -> str:
    """The base address of a connection about to be saved, as scheme, host and port.

    Passes https to a listed host, and with `allow_private` http or https to loopback
    and private addresses. A path is dropped (the client adds its own). Raises
    BadAddress for a form that is no good, ForeignHost for a host that is not listed.
    """
    origin, parts = read_address(url.strip())
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise BadAddress("The address may not hold a query or a fragment.")
    if is_listed(origin, hosts):
        if origin.scheme != "https":
            raise BadAddress("The address must begin with https://.")
        return origin.url
    if allow_private and is_private_host(origin.host, resolve):
        return origin.url
    raise ForeignHost(_why_not_listed(origin, hosts))


def _why_not_listed(origin: Origin, hosts: Sequence[str]) -> str:
    literal = _literal(origin.host)
    local = origin.host in _LOOPBACK_NAMES or origin.host.endswith(".localhost")
    if local or (literal is not None and not literal.is_global):
        return f"{origin.host} is a private address, and private addresses are not allowed here."
    return f"{origin.host} is not one of the allowed hosts ({', '.join(hosts) or 'none'})."
