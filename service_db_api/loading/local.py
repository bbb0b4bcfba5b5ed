"""Whether a database is on this machine."""

from __future__ import annotations

import ipaddress

SCHEME = "mongodb://"


def local(uri: str) -> bool:
    """
    Return whether every host that URI names is this machine; what cannot be told counts as elsewhere.

    An address with mongodb+srv names its hosts in DNS, so it is never local.
    """
    scheme, _, rest = uri.partition("//")
    if f"{scheme}//" != SCHEME:
        return False
    place, _, path = rest.partition("?")[0].partition("/")
    # An @ after the hosts is one that belongs to a password: where the hosts begin is then a guess.
    if "@" in path or place.count("@") > 1:
        return False
    return all(_here(each) for each in place.rpartition("@")[2].split(","))


def _here(host: str) -> bool:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
