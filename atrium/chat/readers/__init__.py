"""What turns chats from other places into ours; it runs in a child process, under limits."""
