"""What people and the floors below them keep of somebody."""

from atrium.people.personal import account, floors

__all__ = ["account", "floors"]
