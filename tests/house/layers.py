"""Runs import-linter over the contracts in pyproject.toml, whatever folder its script lies in."""

import sys

from importlinter.cli import lint_imports

if __name__ == "__main__":
    sys.exit(lint_imports())
