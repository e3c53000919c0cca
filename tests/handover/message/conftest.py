from __future__ import annotations

from collections.abc import Iterator

import pytest

from handover.message import robots
from tests.cast import Cast, make_cast
from tests.handover.message import platforms
from tests.handover.message.platforms import Platforms


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platforms]:
    """The platforms on this machine, and our robots pointed at them."""
    with platforms.running() as found:
        here = f"http://127.0.0.1:{found.port}"
        monkeypatch.setattr(robots.DingTalk, "notify_url", here + "/robot/send?access_token={token}")
        monkeypatch.setattr(robots.Feishu, "notify_url", here + "/open-apis/bot/v2/hook/{token}/")
        monkeypatch.setattr(robots.Lark, "notify_url", here + "/open-apis/bot/v2/hook/{token}")
        monkeypatch.setattr(robots.WeCom, "notify_url", here + "/cgi-bin/webhook/send?key={key}")
        monkeypatch.setattr(robots.Slack, "webhook_url", here + "/services")
        monkeypatch.setattr(robots, "TIMEOUT", (1.0, 1.0))
        yield found
