"""What sets endpoints up, and what sends."""

from handover.webhook.actions.endpoints import add, change, remove, renew_secret, replay, replay_after, send_test
from handover.webhook.actions.sending import deliver, recover

__all__ = ["add", "change", "deliver", "recover", "remove", "renew_secret", "replay", "replay_after", "send_test"]
