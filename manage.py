#!/usr/bin/env python
"""Entry point of every management command."""

import os
import sys
from importlib import import_module

# generate_key is needed to write the very first settings; analyze only reads files. Neither
# may ask for any.
WITHOUT_SETTINGS = {
    "generate_key": "common.management.commands.generate_key",
    "analyze": "analysis.management.commands.analyze",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for name in sys.argv[1:2]:
        if name in WITHOUT_SETTINGS:
            import_module(WITHOUT_SETTINGS[name]).Command().run_from_argv(sys.argv)
            return
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
