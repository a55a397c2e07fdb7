"""The door for other nodes."""
