"""The front door: what strangers see first, what members come home to, the operator's set-up.

Owns no nouns. Its commands prepare the data folder, serve, translate, and look the machine over.
"""
