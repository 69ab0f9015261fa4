"""From the client's records to rows: one module per subject, one function per kind of record."""
