"""The operator's rooms at ``/console/``: what is there, what needs doing, and the buttons for it.

Owns no tables. Each app brings its own ``admin.py``; the site here asks who may come in, and has
every change written into the audit list.
"""
