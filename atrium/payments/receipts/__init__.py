"""What is written down of money that came or went back, and stays as it was written.

A receipt takes the next number in the very transaction that learns of the money (``issuing``); what
it says is frozen in its row, read by ``sheet`` for the page and the PDF alike. PDFs are made by a
job (``pdf``, ``files``) and are the same bytes whenever they are made again.
"""
