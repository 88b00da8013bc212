"""The room, the bytes, and the uploads in pieces."""
