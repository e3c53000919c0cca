"""Webhooks: the ledger, told to other systems as it is written."""
