"""Pages of background work, one module per subject."""
