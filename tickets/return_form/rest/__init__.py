"""The API of return forms."""
