from __future__ import annotations

from collections.abc import Iterator

import pytest

from handover.server import outgoing
from tests.handover.webhook.receiver import Receiver, running


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[Receiver]:
    """A receiver inside, which the settings allow to be called, and little patience."""
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]
    monkeypatch.setattr(outgoing, "TOTAL", 1.0)
    with running() as found:
        yield found
