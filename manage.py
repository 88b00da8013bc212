#!/usr/bin/env python
"""The same as ``python -m atrium``, under the name that Django's tools look for."""

import sys

from atrium.__main__ import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
