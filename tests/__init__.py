"""What proves that Atrium keeps its promises; mirrors ``atrium/``."""
