"""What the note's page sends, read into what `actions.save_item` takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.note.actions import PARTS
from handover.note.models import NoteItem
from tickets.people.models import Member
from tickets.web.numbers import whole_number
from tickets.web.refusals import Refused
from tickets.web.when import UNREADABLE, read_when, written

NO_SUCH_PERSON = _("Nobody of the next shift has this name.")


def typed(post: Mapping[str, str], item: NoteItem, by: Member) -> tuple[dict[str, Any], Refused | None]:
    """What differs between the row that was sent and the row that was shown: only that counts as typed by a person.

    The second is `invalid` where the time cannot be read (yet): the row is saved as it is typed, and everything else of it is kept.
    """
    found: dict[str, Any] = {}
    unread = None
    for name in ("severity", "state", "next_action", "if_then"):
        if name in post and " ".join(post[name].split()) != getattr(item, name):
            found[name] = post[name]
    if "to" in post and post["to"] != (str(item.to_member_id) if item.to_member_id else ""):
        found["to_member"] = receiver(by, post["to"])
    # `+2h` means another instant each time it is read: only once for each time it is typed.
    if "due_at" in post and post["due_at"] != post.get("due_seen", written(item.due_at)):
        due = read_when(post["due_at"], timezone.now(), by.team.zone)
        if post["due_at"].strip() and due is None:
            unread = Refused("invalid", UNREADABLE, errors={"due_at": []})
        else:
            found["due_at"] = due
    return found, unread


def part_texts(post: Mapping[str, str], before: str = "") -> dict[str, str]:
    """The free parts that were sent, with lines ended in one way, as a browser sends them in two."""
    return {name: "\n".join(post[before + name].splitlines()) for name in PARTS if before + name in post}


def receiver(member: Member, text: str) -> Member | None:
    """The member of that id in the team; empty is the pool."""
    if not text:
        return None
    found = Member.objects.visible_to(member).filter(pk=whole_number(text) or 0).first()
    if found is None:
        raise Refused("invalid", errors={"to_member": [NO_SUCH_PERSON]})
    return found
