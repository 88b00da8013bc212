"""What each use costs: reserved before an engine is called, settled after, told in a receipt.

Owns Receipt. A call has exactly one payer. A settle never exceeds what was reserved; a call whose
process died is settled by the sweep for what was delivered.
"""
