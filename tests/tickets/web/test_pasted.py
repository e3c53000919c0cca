"""What people copy out of other pages, and what is meant."""

import pytest

from tickets.web.pasted import LONGEST, pasted


@pytest.mark.parametrize(
    ("copied", "meant"),
    [
        ("订单编号：2611200435280002", "2611200435280002"),
        ("订单编号 2611200435280002\n", "2611200435280002"),
        ("订单号2611200435280002，", "2611200435280002"),
        ('="2611200435280002"', "2611200435280002"),
        ("'2611200435280002", "2611200435280002"),
        ("“２６１１２００４３５２８０００２”", "2611200435280002"),
        ("261120 0435280002", "2611200435280002"),
        ("Order #1001", "#1001"),
        ("#1001", "#1001"),
        ("230101-123456789012345", "230101-123456789012345"),
        ("旺旺: tb_liu8854", "tb_liu8854"),
        ("@tb_liu8854", "tb_liu8854"),
        ("买家昵称：小鱼儿（大）", "小鱼儿(大)"),
        ("tb_liu.", "tb_liu."),
        ("手机：138 0013 8001", "13800138001"),
        ("(138)00138001", "(138)00138001"),
        ("\u202d+86 138\u200b0013 8001\u202c", "+86 1380013 8001"),
        ("liu@example.cn", "liu@example.cn"),
        ("手机壳 裂了", "手机壳 裂了"),
        ("order of flowers", "order of flowers"),
        ("订单", "订单"),
        ("@", "@"),
        (" \t\n", ""),
    ],
)
def test_what_came_along_is_left_out(copied: str, meant: str) -> None:
    assert pasted(copied) == meant


def test_a_pasted_book_is_cut() -> None:
    assert len(pasted("长" * 5000)) == LONGEST
