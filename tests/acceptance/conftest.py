"""A signed-in operator, the imitation platform over a real socket, and an empty log store."""

from tests.analysis.conftest import log_store, make_connection, olga, roomy_caps, sandbox

__all__ = ["log_store", "make_connection", "olga", "roomy_caps", "sandbox"]
