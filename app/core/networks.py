"""Which internet addresses belong to everybody, and which to the inside of a network."""

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

_UNICAST = IPv6Network("2000::/3")
"""All that is given out for use. NAT64 (64:ff9b::/96), IPv4 written as IPv6, and fc00::/7 lie outside."""
_NOT_EVERYBODYS: Networks = tuple(
    ip_network(network) for network in (
        "192.0.0.0/24",  # of protocols
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # of protocols, Teredo among them, which carries an IPv4 address
        "2002::/16",  # 6to4, which carries one too
        "3fff::/20",  # for examples
    )
)  # fmt: skip


def networks(text: str) -> Networks:
    """The networks of a comma list ("127.0.0.0/8, ::1"). Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def everybodys(address: Address) -> bool:
    """Whether an address is one host's on the open internet, told without any other address hidden in it.

    `is_global` alone lets multicast through, and wrappings of IPv4 such as 64:ff9b::7f00:1 and 2002:7f00:1::.
    """
    if isinstance(address, IPv6Address) and (address not in _UNICAST or address.scope_id):
        return False
    return address.is_global and not address.is_multicast and not within(address, _NOT_EVERYBODYS)


def within(address: Address, some: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether one of the networks holds the address."""
    return any(address in network for network in some)


def literal(host: str) -> Address | None:
    """The address that a host names by itself, in each spelling a resolver takes (0x7f.1, 2130706433, 127.1)."""
    host = host.rstrip(".")
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
