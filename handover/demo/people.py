"""Who is in the demo team, its shops and its lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.contrib.auth.hashers import make_password

from handover.roster.actions import create_pattern
from tickets.people.actions import set_lead
from tickets.people.models import Member, Platform, Role, Shop, Team, User
from tickets.ticket.models import Reason, Resolution

PASSWORD = "handover-demo"  # noqa: S105 - printed at the first start of a try-out, refused elsewhere


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    roles: tuple[Role, ...]
    story: str
    shift: int | None = 0
    """0 works now, -1 has just gone home, 1 comes next, None works in no shifts."""


CAST = (
    Person("manager", "林主管", (Role.MANAGER,), "decides, reads the board and the reports", None),
    Person("agent", "小周", (Role.AGENT,), "chat agent on duty, with matters to hand over"),
    Person("night", "小李", (Role.AGENT,), "chat agent about to start: read the digest, then begin"),
    Person("aftersale", "阿芳", (Role.AFTER_SALE,), "files return and exchange forms"),
    Person("warehouse", "老吴", (Role.WAREHOUSE,), "counts what came back and co-signs"),
    Person("operations", "小唐", (Role.OPERATIONS,), "reads everything, changes nothing", None),
    Person("chen", "小陈", (Role.AGENT,), "chat agent of the shift before", -1),
    Person("wang", "小王", (Role.AGENT,), "chat agent of the shift before", -1),
    Person("zhao", "小赵", (Role.AGENT,), "chat agent on duty"),
    Person("sun", "小孙", (Role.AGENT,), "chat agent of the next shift", 1),
    Person("qian", "小钱", (Role.AGENT, Role.AFTER_SALE), "comes with the next shift", 1),
    Person("he", "何主管", (Role.MANAGER,), "the second manager", None),
)
SHOPS = (
    (Platform.TAOBAO, "莲花厨具", "CNY"),
    (Platform.TMALL, "莲花厨具旗舰店", "CNY"),
    (Platform.JD, "莲花京东自营", "CNY"),
    (Platform.SHOPIFY, "Lotus Kitchen", "USD"),
)
SHIFT_NAMES = ((time(4), "早"), (time(12), "中"), (time(20), "夜"))
"""How a shift is called that begins from then on, until the next name."""
REASONS = {
    ("质量", Reason.Fault.OURS): ("漏水", "开裂", "有划痕", "涂层脱落"),
    ("发货", Reason.Fault.OURS): ("少发", "发错", "包装破损", "发货慢"),
    ("物流", Reason.Fault.NOBODY): ("物流停滞", "派送不到", "签收未收到"),
    ("顾客原因", Reason.Fault.CUSTOMER): ("不喜欢", "尺寸不合适", "拍错", "改地址"),
    ("咨询", Reason.Fault.NOBODY): ("使用方法", "发票", "优惠活动", "库存"),
}
RESOLUTIONS = ("已解答", "补发", "换货", "退款", "赔付", "顾客撤回", "无法联系顾客")


@dataclass
class Demo:
    team: Team
    members: dict[str, Member]
    shops: list[Shop]
    reasons: dict[str, Reason]
    resolutions: dict[str, Resolution]

    def shift(self, place: int) -> list[Member]:
        """The people of the shift before (-1), now (0) or next (1)."""
        return [self.members[person.username] for person in CAST if person.shift == place]


def make_team(now: datetime) -> Demo:
    """The people with their accounts, the shops, the reasons, and three shifts a day that change at the next half hour: whoever tries
    the system sees a handover, not the middle of a night."""
    team = Team.objects.create(name="莲花厨具 Lotus Kitchen", slug="demo")
    password = make_password(PASSWORD)
    members = {}
    for person in CAST:
        user = User.objects.create(username=person.username, email=f"{person.username}@example.com", password=password)
        members[person.username] = Member.objects.create(team=team, user=user, display_name=person.name, roles=list(person.roles))
    set_lead(team, members["manager"], by=None)
    shops = [Shop.objects.create(team=team, platform=platform, name=name, currency=currency) for platform, name, currency in SHOPS]
    make_patterns(team, members["manager"], now)
    resolutions = {name: Resolution.objects.create(team=team, name=name, place=place) for place, name in enumerate(RESOLUTIONS)}
    return Demo(team, members, shops, make_reasons(team), resolutions)


def make_patterns(team: Team, by: Member, now: datetime) -> None:
    """Three shifts of eight hours; the next one begins at the next half hour that is at least ten minutes away."""
    local = (now + timedelta(minutes=10)).astimezone(team.zone)
    change = local.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=30 if local.minute < 30 else 60)
    starts = sorted((change + timedelta(hours=8 * place)).time() for place in range(3))
    for place, start in enumerate(starts):
        hours = {"starts": start, "ends": starts[(place + 1) % 3]}
        create_pattern(team, by=by, at=now - timedelta(days=3), name=shift_name(start), min_people=2, place=place, **hours)


def shift_name(start: time) -> str:
    """What people call a shift that begins at `start` (the team's wall clock); before four in the morning it is still night."""
    return next((name for since, name in reversed(SHIFT_NAMES) if since <= start), SHIFT_NAMES[-1][1])


def find_team() -> Demo | None:
    """The demo team of an earlier start."""
    team = Team.objects.filter(slug="demo").select_related("lead").first()
    if team is None:
        return None
    members = {m.user.username: m for m in Member.objects.filter(team=team).select_related("user", "team__lead")}
    reasons = {r.name: r for r in Reason.objects.filter(team=team).leaves().filter(parent__isnull=False)}
    resolutions = {r.name: r for r in Resolution.objects.filter(team=team)}
    return Demo(team, members, list(team.shops.order_by("pk")), reasons, resolutions)


def make_reasons(team: Team) -> dict[str, Reason]:
    leaves = {}
    for place, ((group, fault), names) in enumerate(REASONS.items()):
        parent = Reason.objects.create(team=team, name=group, fault=fault, place=place)
        for under, name in enumerate(names):
            leaves[name] = Reason.objects.create(team=team, parent=parent, name=name, fault=fault, place=under)
    return leaves
