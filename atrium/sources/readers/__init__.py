"""How each kind of file becomes text. A reader runs in a child process and imports little."""
