"""What the operator decides while the house runs: typed settings, and which rooms are open.

Owns Setting. An option is declared in code with kind, default, bounds and a description; a row
stands only for what was changed, so a default can improve with a release. Every change is audited.
"""
