"""`manage.py analyze`: the log engine on files, without the database."""

import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any
