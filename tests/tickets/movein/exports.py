"""Look-alikes of other systems' exports: every shape and quirk, any number. No person in them is a real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def zendesk_user(number: int, name: str, role: str = "end-user", **more: Any) -> dict[str, Any]:
    return {"id": number, "name": name, "email": f"{name.lower()}@example.com", "phone": None, "role": role, "notes": ""} | more


def zendesk_comment(number: int, author: int, text: str, at: str, *, public: bool = True) -> dict[str, Any]:
    return {"id": number, "type": "Comment", "author_id": author, "body": text, "plain_body": None, "html_body": f"<p>{text}</p>",
            "public": public, "created_at": at}  # fmt: skip


def zendesk_ticket(number: int, *, requester: int = 501, status: str = "open", **more: Any) -> dict[str, Any]:
    day = f"2024-03-{1 + number % 27:02d}"
    comments = [
        zendesk_comment(number * 10 + 1, requester, f"Lid of {number} leaks", f"{day}T08:00:00Z"),
        zendesk_comment(number * 10 + 2, 901, "We send a new one", f"{day}T09:00:00Z"),
        zendesk_comment(number * 10 + 3, 902, "third time this week", f"{day}T09:30:00Z", public=False),
    ]
    found = {
        "id": number, "url": "https://x.zendesk.com/api/v2/tickets/1.json", "subject": f"Thermos {number}", "description": "Lid leaks",
        "status": status, "priority": "high", "tags": ["thermos", "leak"], "requester_id": requester, "assignee_id": 901,
        "created_at": f"{day}T08:00:00Z", "updated_at": f"{day}T10:00:00Z", "via": {"channel": "email", "source": {"from": {}}},
        "comments": comments,
    }  # fmt: skip
    return found | more


def page(name: str, documents: list[Any]) -> dict[str, Any]:
    return {name: documents, "count": len(documents), "end_of_stream": True, "next_page": None, "end_time": 1_711_000_000}


USERS = [
    zendesk_user(501, "Anna", phone="+86 139 1234 5678"),
    zendesk_user(502, "Berta", email=None),
    zendesk_user(901, "Bob", "agent"),  # has an account here, with this address
    zendesk_user(902, "Greta", "admin"),  # has none
]


def helpscout_conversation(number: int = 71, *, status: str = "active") -> dict[str, Any]:
    customer = {"id": 7, "type": "customer", "first": "Anna", "last": "Lind", "email": "anna@example.com"}
    user = {"id": 9, "type": "user", "first": "Greta", "last": "Berg", "email": "greta@example.com"}
    return {
        "id": number, "number": 1200 + number, "threads": 3, "type": "email", "status": status, "state": "published",
        "subject": "Lid leaks",
        "preview": "The lid", "createdAt": "2024-03-01T08:00:00Z", "closedAt": None, "createdBy": customer, "primaryCustomer": customer,
        "tags": [{"id": 1, "color": "#fff", "tag": "leak"}],
        "_embedded": {"threads": [
            {"id": 3, "type": "note", "state": "published", "body": "check <b>stock</b>", "createdBy": user,
             "createdAt": "2024-03-01T09:30:00Z"},
            {"id": 4, "type": "lineitem", "state": "published", "createdBy": user, "createdAt": "2024-03-01T09:20:00Z"},
            {"id": 2, "type": "message", "state": "published", "body": "We send<br>a new one", "createdBy": user,
             "createdAt": "2024-03-01T09:00:00Z"},
            {"id": 1, "type": "customer", "state": "published", "body": "<div>The lid leaks</div><script>x()</script>",
             "createdBy": customer, "createdAt": "2024-03-01T08:00:00Z"},
        ]},
    }  # fmt: skip


def gorgias_ticket(number: int = 81, *, status: str = "closed") -> dict[str, Any]:
    customer = {"id": 7, "name": "Anna", "email": "anna@example.com"}
    return {
        "id": number, "status": status, "priority": "critical", "channel": "chat", "subject": None, "spam": False, "trashed_datetime": None,
        "created_datetime": "2024-03-01T08:00:00.123456+00:00", "closed_datetime": "2024-03-02T08:00:00", "customer": customer,
        "snooze_datetime": None, "tags": [{"id": 1, "name": "leak"}], "messages": [
            {"id": 1, "public": True, "from_agent": False, "sender": customer, "body_text": "The lid leaks\r\nbadly", "body_html": None,
             "created_datetime": "2024-03-01T08:00:00"},
            {"id": 2, "public": True, "from_agent": True, "sender": {"id": 9, "name": "Greta", "email": "greta@example.com"},
             "body_text": None, "body_html": "<p>We send a new one</p>", "created_datetime": "2024-03-01T09:00:00"},
        ],
    }  # fmt: skip


CSV = """id,subject,status,opened_at,tags,customer,email,entry_id,at,author,author_email,kind,text
T-1,Lid leaks,open,2024-03-01T08:00:00Z,"leak,thermos",Anna,anna@example.com,1,2024-03-01T08:00:00Z,Anna,,customer,The lid leaks
T-2,Wrong colour,已解决,2024-03-02T08:00:00Z,,Berta,,1,2024-03-02T08:00:00Z,Berta,,顾客,要红色的
T-1,,open,,,,,2,2024-03-01T09:00:00Z,Greta,greta@example.com,answer,We send a new one
T-1,,open,,,,,3,2024-03-01T09:30:00Z,Bob,bob@example.com,note,second one
"""


def write(path: Path, content: Any, *, lines: bool = False) -> Path:
    """A document, or with `lines` one document a line."""
    text = "\n".join(json.dumps(each, ensure_ascii=False) for each in content) if lines else json.dumps(content, ensure_ascii=False)
    path.write_text(content if isinstance(content, str) else text, encoding="utf-8")
    return path
