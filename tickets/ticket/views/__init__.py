"""The pages of a ticket: the desk, the lists, one ticket and the deeds on it."""
