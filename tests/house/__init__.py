"""The house of the tests: its servers, its checks, and what is proved about the code as a whole."""
