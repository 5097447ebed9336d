"""Loaded into a forkserver, it has the kernel refuse namespaces, as that of a service does that may make none."""

from butler.sandbox import apart


def _refused(spaces: int) -> bool:
    return spaces < 0


apart._unshared = _refused
