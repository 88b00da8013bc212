"""The handbook: pages about the house that come with it, in each of its languages.

Owns no tables. Its passages can be quoted like those of files; a page reads the same for everybody.
"""
