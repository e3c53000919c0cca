"""Each platform is spoken to as it publishes, and its answers are understood, also those that say no with HTTP 200."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handover.message import addresses, robots
from handover.message.rules import Came
from tests.handover.message.platforms import SECRET, TOKEN, Platforms
from tickets.web.refusals import Refused

GOOD = {
    "dingtalk": (f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}", SECRET),
    "feishu": (f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}", SECRET),
    "lark": (f"https://open.larksuite.com/open-apis/bot/v2/hook/{TOKEN}", SECRET),
    "wecombot": (f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKEN}", ""),
    "slack": ("https://hooks.slack.com/services/T1A2B3C4D/B1A2B3C4D/abcdefghijklmnopqrstuvwx", ""),
}


def url_of(kind: str) -> str:
    found = addresses.read(*GOOD[kind])
    assert found.kind == kind
    return found.url


@pytest.mark.parametrize("kind", GOOD)
def test_what_the_platform_shows_can_be_pasted_and_is_sent_to(world: Platforms, kind: str) -> None:
    answer = robots.send(url_of(kind), "交班摘要 <好> & more")
    assert answer.came is Came.SENT, answer
    assert len(world.taken) == 1 and "交班摘要" in world.taken[0]


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "lark"])
@pytest.mark.parametrize("secret", ["SECwrong", ""])
def test_a_wrong_or_missing_signature_is_refused_and_we_see_it(world: Platforms, kind: str, secret: str) -> None:
    answer = robots.send(addresses.read(GOOD[kind][0], secret).url, "hello")
    assert answer.came is Came.REFUSED and ("sign" in answer.why)
    assert world.taken == []


@pytest.mark.parametrize("kind", GOOD)
def test_an_unknown_robot_is_refused(world: Platforms, kind: str) -> None:
    pasted, secret = GOOD[kind]
    wrong = pasted.replace(TOKEN, "nobody0").replace("T1A2B3C4D", "T9A2B3C4D")
    assert robots.send(addresses.read(wrong, secret).url, "hello").came is Came.REFUSED


@pytest.mark.parametrize(("kind", "wait"), [("dingtalk", 600), ("feishu", 60), ("wecombot", 60), ("slack", 30)])
def test_being_told_to_slow_down_is_understood(world: Platforms, kind: str, wait: int) -> None:
    world.moods = ["throttle"]
    answer = robots.send(url_of(kind), "hello")
    assert (answer.came, answer.wait) == (Came.THROTTLED, timedelta(seconds=wait))


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize(("mood", "came"), [("fail", Came.FAILED), ("stall", Came.UNSURE), ("close", Came.UNSURE)])
def test_what_may_have_arrived_is_told_from_what_has_not(world: Platforms, kind: str, mood: str, came: Came) -> None:
    world.moods = [mood]
    assert robots.send(url_of(kind), "hello").came is came


def test_nobody_there_is_known_not_to_have_arrived(world: Platforms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots.DingTalk, "notify_url", "http://127.0.0.1:9/robot/send?access_token={token}")
    assert robots.send(url_of("dingtalk"), "hello").came is Came.FAILED


@pytest.mark.parametrize(
    "pasted",
    [
        "", "nonsense", "https://example.com/hook", "json://127.0.0.1:54318/", "http://169.254.169.254/latest/meta-data/",
        "mailto://user:pw@internal", "file:///etc/passwd", "syslog://", "dingtalk://", "workflows://10.0.0.1/w/s", "slack://a",
        "https://oapi.dingtalk.com.evil.example/robot/send?access_token=abc123", "ntfy://127.0.0.1/topic",
    ],
)  # fmt: skip
def test_only_robots_of_known_platforms_are_taken(pasted: str) -> None:
    with pytest.raises(Refused) as no:
        addresses.read(pasted)
    assert no.value.code == "invalid"


def test_options_of_an_apprise_url_are_left_out_but_the_secret() -> None:
    found = addresses.read(f"feishu://{TOKEN}/?verify=no&redirect=yes&secret={SECRET}&template=/etc/passwd")
    assert found.url == f"feishu://{TOKEN}/?secret={SECRET}"
    robot = robots.instance(found.url)
    assert robot is not None and robot.verify_certificate and not robot.redirects


def test_two_writings_are_one_robot_and_the_secret_makes_no_other() -> None:
    one = addresses.read(GOOD["dingtalk"][0], SECRET)
    two = addresses.read(f"dingtalk://{SECRET}@{TOKEN}/")
    assert (one.robot, one.url) == (two.robot, two.url)
    assert SECRET not in one.shown and TOKEN not in one.shown
