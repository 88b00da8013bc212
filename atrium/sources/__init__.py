"""What an answer may quote: documents read from files, cut into passages that can be found again.

Owns Collection, Document and Passage. Reading happens in a child process. Search looks only at the
documents that the asker may see, and filters before it ranks.
"""
