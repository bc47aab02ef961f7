"""``python -m lindi_explorer`` is ``lindi-explorer``."""

import sys

from lindi_explorer.cli import main

sys.exit(main())
