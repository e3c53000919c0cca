"""What somebody copied out of another page, without what came along: labels, quotes, invisible marks."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 160
_AROUND = " \t\r\n\"'`=,;:。、，；：“”‘’「」『』《》【】[]<>()"
_NUMBERED = (
    "订单编号|订单号码|订单号|订单|交易号|单号|运单号|快递单号|物流单号|手机号码|手机号|手机|联系电话|电话号码|电话|"
    "訂單編號|訂單號|訂單|單號|運單號|手機號碼|手機號|手機|聯絡電話|電話"
)
_NAMED = (
    "买家旺旺|旺旺号|旺旺|买家昵称|买家会员名|买家账号|昵称|会员名|用户名|账号|邮箱|"
    "買家暱稱|買家帳號|暱稱|會員名|使用者名稱|帳號|郵箱|"
    r"order(?: (?:no\.?|number|id))?|phone|mobile|tel|e-?mail|nick(?:name)?|user(?:name)?|buyer"
)
_LABEL = re.compile(rf"(?:(?:{_NUMBERED})[\s:#]*(?=[\dA-Z+])|(?:{_NAMED})\s*:|order\s+(?=#))\s*(?=\S)", re.IGNORECASE)
_GROUPED = re.compile(r"\d[\d ]{5,}")


def pasted(text: str) -> str:
    """The text itself: NFKC, one line, without format characters, quotes or brackets around it, a label such as `订单编号：` before it,
    the `@` of a name, or the blanks that split a number into groups. At most `LONGEST` characters; "" for nothing."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", text[: 4 * LONGEST]) if unicodedata.category(letter) != "Cf")
    plain = _bare(" ".join(plain.split()))
    label = _LABEL.match(plain)
    if label:
        plain = _bare(plain[label.end() :])
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(" ", "")
    return plain[:LONGEST]


def _bare(text: str) -> str:
    """Without what stands around it; brackets that are part of it, as in `(138)00138001`, stay."""
    inner = text.strip(_AROUND)
    if inner.count("(") != inner.count(")"):
        inner = text.strip(_AROUND.replace("(", "").replace(")", ""))
    return inner.removeprefix("@") or text
