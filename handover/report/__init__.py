"""What managers read: figures counted from the ledger and the rows, each of which opens the rows behind it."""
