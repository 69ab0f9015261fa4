"""Pages of analyses, one module per subject."""
