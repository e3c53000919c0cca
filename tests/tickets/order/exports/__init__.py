"""Look-alikes of the platforms' exports, made by code: every layout, every quirk, any number of rows. No row is a real one."""

from .douyin import DOUYIN, douyin
from .files import Row, as_id, cells_of, csv_text, write_csv, write_xlsx
from .jd import JD, jd
from .own import OWN, OWN_COLUMNS, own
from .pdd import PDD, pdd
from .shopify import SHOPIFY, SHOPIFY_73, SHOPIFY_79, shopify
from .taobao import (
    DETAILS,
    ITEMS,
    REPORT,
    TAOBAO,
    TAOBAO_30,
    TAOBAO_46,
    TAOBAO_56,
    TAOBAO_61,
    details,
    report,
    suborders,
    taobao,
    taobao_number,
)

__all__ = [
    "DETAILS",
    "DOUYIN",
    "ITEMS",
    "JD",
    "OWN",
    "OWN_COLUMNS",
    "PDD",
    "REPORT",
    "SHOPIFY",
    "SHOPIFY_73",
    "SHOPIFY_79",
    "TAOBAO",
    "TAOBAO_30",
    "TAOBAO_46",
    "TAOBAO_56",
    "TAOBAO_61",
    "Row",
    "as_id",
    "cells_of",
    "csv_text",
    "details",
    "douyin",
    "jd",
    "own",
    "pdd",
    "report",
    "shopify",
    "suborders",
    "taobao",
    "taobao_number",
    "write_csv",
    "write_xlsx",
]
