"""The platforms' sheets of what was paid to customers to make up for something: one small module each, and what they have in common."""

from tickets.return_form.sheets import douyin, jd, pdd, taobao
from tickets.return_form.sheets.layout import Layout

LAYOUTS: tuple[Layout, ...] = (jd.LAYOUT, douyin.LAYOUT, pdd.LAYOUT, taobao.LAYOUT)
