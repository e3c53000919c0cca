"""A team as one file: `manage.py export_team` writes it, `manage.py import_team` reads it back elsewhere. Format: docs/systems.md."""
