"""The list of chats, a chat, and what is said in it."""
