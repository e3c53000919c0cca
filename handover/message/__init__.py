"""Messages that leave the system: to whom, where, when; each is never lost and repeated only where that cannot be known."""
