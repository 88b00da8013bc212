"""Private files: their bytes, what they really are, who may have them, how much each may keep.

Owns File, its Pictures, Upload (a file still on its way) and Usage (what somebody keeps).
The bytes are on the disk, synced, before the row says so. A kind is believed only when name,
declaration and content agree. No upload takes Usage over its limit (a claim may). What is in the
trash counts until it is purged; a purged File stays as an empty row, so that references hold.
"""
