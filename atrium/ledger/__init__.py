"""Who owns how much: the only place with a balance, and the only door through which it changes.

Owns Account, Entry, Leg and Hold. Amounts are whole numbers of an asset: minor units of a
currency, or micro-credits (``CREDIT``). The legs of an entry sum to nothing in each asset; an
entry's key makes posting it twice harmless; entries and legs are never changed; a guarded balance
is never below nothing.
"""
