"""Which source a file is, told from its columns."""

from __future__ import annotations

from . import douyin, jd, pdd, shopify, taobao
from .record import Source

SOURCES: tuple[Source, ...] = (
    taobao.ORDERS,
    taobao.DETAILS,
    taobao.ITEMS,
    taobao.REPORT,
    shopify.ORDERS,
    jd.ORDERS,
    pdd.ORDERS,
    douyin.ORDERS,
)
_BY_CODE = {source.code: source for source in SOURCES}


def recognise(names: list[str]) -> Source | None:
    """The source whose required columns are all among `names` (stripped); the one that asks for most wins. None: unknown layout."""
    found = set(names)
    fitting = [source for source in SOURCES if source.required <= found]
    return max(fitting, key=lambda source: len(source.required), default=None)


def source_by_code(code: str) -> Source:
    """The source with this code; KeyError if there is none."""
    return _BY_CODE[code]
