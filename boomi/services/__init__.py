"""The verbs of the mirror: connections, sync, logs."""
