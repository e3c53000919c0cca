"""Bringing a file of orders in: read and staged (`staging`), compared and written batch by batch (`writing`, `statements`), as a run
that can be killed anywhere and goes on where it stopped (`run`). docs/importing.md tells the whole story.
"""
