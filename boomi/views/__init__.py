"""Pages of the mirror: connections here and executions, one module per subject."""
