"""`python -m analysis.engine FILE…`: see `analysis.engine.cli`."""

import io
import sys

from analysis.engine.cli import main

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
