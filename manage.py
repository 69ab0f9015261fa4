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
        if name == "demo":
            # It only starts itself again in a world of its own, which needs no keys of ours.
            os.environ.setdefault("DEMO", "1")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.DEBUG  # noqa: B018 - reads the settings, so that a missing one is told in a line
    except ImproperlyConfigured as error:
        sys.exit(f"The portal cannot start: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
