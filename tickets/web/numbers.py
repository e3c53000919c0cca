"""Whole numbers as an address or a form writes them."""


def whole_number(text: str, *, digits: int = 18) -> int | None:
    """The number written with at most `digits` of 0-9, no sign; None for all else. Eighteen fit the database's row numbers, nine a
    version's. (`str.isdigit` also takes ² and ٣, and `int` refuses some thousand digits.)"""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
