"""The front door: what a stranger sees first, what a member comes home to, and the operator's set-up.

Owns no nouns. Its commands prepare the data folder, serve, translate, and look the machine over.
"""
