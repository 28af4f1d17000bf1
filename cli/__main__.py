"""`python -m cli` is `callboard`."""

from __future__ import annotations

import sys

from cli.main import app

sys.exit(app())
