"""Looking whether a port is free before anything is started on it."""

import socket


def first_taken(*ports: int, host: str = "127.0.0.1") -> int | None:
    """The first of `ports` that something listens on already, or None."""
    return next((port for port in ports if _taken(host, port)), None)


def _taken(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a socket in TIME_WAIT from the last run is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
