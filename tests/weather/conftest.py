"""The fixtures of the mirror: a connection to a sandbox that the test itself starts."""

from tests.boomi.conftest import connection, log_dir, make_connection

__all__ = ["connection", "log_dir", "make_connection"]
