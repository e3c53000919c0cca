"""The pages of return forms."""
