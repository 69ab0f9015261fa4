"""The engine on the command line: a readable report of each file, or its JSON.

Exit status: 0 all files analysed, 1 a file could not be (one line on stderr says why), 2 usage.
"""

import argparse
import json
import os
import sys
from typing import TextIO

from analysis.engine.errors import LogError
from analysis.engine.run import analyze_file
from analysis.engine.text import report_text


def main(arguments: list[str], out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Analyse each file named. The files after one that fails are still analysed."""
    out, err = out or sys.stdout, err or sys.stderr
    options = _parser().parse_args(arguments)
    status = 0
    try:
        for path in options.files:
            if not _analyze(path, options, out, err):
                status = 1
        out.flush()
    except BrokenPipeError:  # the reader has seen enough, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        err.write("Stopped.\n")
        return 130
    return status


def _analyze(path: str, options: argparse.Namespace, out: TextIO, err: TextIO) -> bool:
    try:
        result = analyze_file(path)
    except LogError as error:
        err.write(f"{error.message} {error.hint}".strip() + "\n")
        return False
    except OSError as error:
        err.write(f"'{path}' cannot be read: {(error.strerror or str(error)).lower()}.\n")
        return False
    if options.json:
        indent = 2 if options.indent else None
        out.write(json.dumps(result, ensure_ascii=False, indent=indent) + "\n")
    else:
        out.write(report_text(result) + ("\n" if len(options.files) > 1 else ""))
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis.engine",
        description="Say what happened in a Boomi process log (.log, .txt, .zip, process_log.xml).",
        epilog="example: python -m analysis.engine process_log.zip --json",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="the log, as it was downloaded")
    parser.add_argument("--json", action="store_true", help="one JSON object per file and line")
    parser.add_argument("--indent", action="store_true", help="with --json: over several lines")
    return parser
