"""The pages of plans and of buying credits, one file each."""
