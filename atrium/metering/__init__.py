"""What each use costs: reserved before an engine is called, settled after, told in a receipt.

Owns Receipt, Window, Share, CreditsPay and UsageLog. A call has exactly one payer: the window of a
plan when all of it fits, else credits that may pay. A settle never exceeds what was reserved; a
call whose process died is settled by the sweep for what was delivered.
"""
