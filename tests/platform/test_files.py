"""“Every list as csv and xlsx”: every page that shows a table of rows gives it as a file, with the filters of its address."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from handover.message import actions as messages
from tests.api.scene import Scene, make_scene
from tests.test_access import NOT_OURS, cells, guarded
from tickets.mail.models import Letter
from tickets.people.tokens import make_token
from tickets.web.sheets import cell

pytestmark = pytest.mark.django_db

TABLE = re.compile(r'<table class="(?:rows|week)[ "]')
FILE = re.compile(r'href="([^"]*(?:format=csv|\.csv)[^"]*)"')
NO_LISTS = {
    "imports/<int:pk>/": "the orders to be confirmed; its findings have a file of their own",
    "imports/<int:pk>/columns/": "a form",
    "orders/<int:pk>/": "the lines of one order are in the export of orders' lines",
    "returns/<int:pk>/": "the lines of one form are in the export of forms",
    "returns/<int:pk>/print/": "paper",
    "returns/decide/": "a form to sign, of forms that the list exports",
    "board/": "who is on duty and what they hold: the duty's list and the tickets' have files",
    "desk/": "parts of the tickets' list",
    "": "the desk",
    "reports/performance/weights/": "a form",
    "digest/": "what is to be answered, one by one",
    "handover/": "a draft",
    "styleguide/": "samples",
}
"""Pages with a table that is no list. Whoever adds one says why."""


@pytest.fixture
def scene(db: None) -> Scene:
    found = make_scene()
    team, now = found.cast.team, timezone.now()
    Letter.objects.create(team=team, message_id="a@b", sender="li@example.com", subject="=1+1", outcome="loop", at=now)
    make_token(found.cast.alice.user, name="erp")
    messages.use_email([found.cast.alice])
    return found


def opened(scene: Scene) -> list[tuple[str, str, str]]:
    """(path, address, html) of every page of ours that a manager may open, with the scene's ids where it asks for one."""
    client, found = Client(), []
    client.force_login(scene.cast.alice.user)
    places = {name: name for name in ("orders", "imports", "customers", "tickets", "notices", "returns")}
    places |= {"handover/notes": "handovers", "team/webhooks": "webhooks", "team/move-in": "moves", "roster/shifts": "shifts"}
    for path in sorted({x.path for x in cells() if x.method == "GET" and x.deed and guarded(x.path)}):
        if path.startswith((*NOT_OURS, "api/")) or path in NO_LISTS:
            continue
        start = path.split("/<")[0]
        number = scene.ids.get(places.get(start, ""))
        if "<" in path and (number is None or path.count("<") > 1):
            continue
        address = "/" + re.sub(r"<[^>]+>", str(number), path)
        response = client.get(address)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            found.append((path, address, response.content.decode()))
    return found


def test_every_page_with_a_table_gives_it_as_a_file(scene: Scene) -> None:
    client, lacking, seen = Client(), [], 0
    client.force_login(scene.cast.alice.user)
    for path, address, html in opened(scene):
        if not TABLE.search(html):
            continue
        link = FILE.search(html)
        if link is None:
            lacking.append(path)
            continue
        seen += 1
        rows = table(client, join(address, link.group(1).replace("&amp;", "&")))
        assert rows and all(rows[0]), address
        assert all(len(row) == len(rows[0]) for row in rows), address
    assert lacking == []
    assert seen > 12, "the scene shows too little"


def join(address: str, link: str) -> str:
    return address.split("?")[0] + link if link.startswith("?") else link


def table(client: Client, address: str) -> list[list[str]]:
    response = client.get(address)
    assert response.status_code == 200, address
    assert "attachment" in response["Content-Disposition"], address
    return list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))


LISTS = {
    "/notices/": "40cm 锅缺货",
    "/handover/notes/": "",
    "/me/messages/": "",
    "/team/messages/": "",
    "/team/webhooks/": "https://erp.example.com/hook",
    "/returns/parcels/": "SF100200300",
    "/returns/refunds/": "",
    "/returns/compensations/": "PF1",
    "/returns/people/": "",
    "/team/": "alice",
    "/team/shops/": "Lotus Kitchen",
    "/team/reasons/": "Leaks",
    "/team/resolutions/": "Refunded",
    "/team/move-in/": "a.csv",
    "/team/mail/": "'=1+1",
    "/me/tokens/": "erp",
    "/alerts/": "",
    "/scripts/": "/sf",
    "/campaigns/": "双12",
    "/imports/": "a.csv",
    "/customers/": "Taobao tb_wang_77",
    "/duty/": "Bob",
    "/digest/team/": "Bob",
    "/reports/schedules/": "",
    "/reports/targets/": "",
    "/roster/": "Bob",
    "/roster/swaps/": "医院",
    "/roster/leave/": "",
    "/roster/patterns/": "",
}


def test_each_list_is_its_file_as_csv_and_as_xlsx(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.cast.alice.user)
    for address, told in LISTS.items():
        rows = table(client, f"{address}?format=csv")
        assert told in ("", *(value for row in rows[1:] for value in row)), (address, rows)
        book = client.get(f"{address}?format=xlsx")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book))).get_sheet_by_index(0).to_python()
        assert [str(title) for title in sheet[0]] == rows[0] and len(sheet) == len(rows), address
        assert client.get(f"{address}?format=pdf").status_code == 404, address
        assert f"{address}?format=csv" in client.get(address).content.decode(), address


def test_the_filters_of_the_address_stay_and_its_place_does_not(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.cast.alice.user)
    html = client.get("/campaigns/?state=over&q=双&before=3").content.decode()
    link = next(x for x in FILE.findall(html))
    assert "state=over" in link and "before" not in link
    assert len(table(client, join("/campaigns/", link.replace("&amp;", "&")))) == 1, "nothing is over"
    assert len(table(client, "/campaigns/?format=csv")) == 2


def test_another_team_gets_none_of_it(scene: Scene) -> None:
    client, stranger = Client(), scene.cast.mallory
    stranger.roles = ["manager"]
    stranger.save()
    client.force_login(stranger.user)
    for address, told in LISTS.items():
        rows = table(client, f"{address}?format=csv")
        assert not told or told in ("alice", "Bob") or told not in str(rows), address
        assert "Bob" not in str(rows), address


def test_a_cell_follows_its_path_and_is_empty_where_something_is_missing() -> None:
    class Row:
        near, none, at = timedelta(hours=1), None, timezone.now

    assert cell("near.seconds")(Row) == 3600
    assert cell("none.name")(Row) == "" and cell("gone.name")(Row) == ""
    assert cell("near.total_seconds")(Row) == 3600.0
