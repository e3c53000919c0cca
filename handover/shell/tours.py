"""A tour for each role: what to try first, in five minutes, on the pages themselves. `TOURS` is all there is to a tour.

Ticks are kept by the browser (static/js/tour.js); that the tour was offered or opened, by a cookie of this member in this browser.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handover.shell.places import deed_behind, url_or_none
from tickets.people.access import may
from tickets.people.models import SHIFT_ROLES, Member, Presence, Role

Text = str | Promise
DEMO = "demo"
"""The short name of the team that `manage.py demo` lays: only there is the tour offered unasked."""


@dataclass(frozen=True)
class Step:
    """One thing to try. `link` names the page at `name` (with `args`); `where` is the query and the part of the page to look at."""

    code: str
    text: Text
    link: Text
    name: str
    where: str = ""
    args: tuple[str, ...] = ()

    def url_for(self, member: Member) -> str | None:
        """The page's address, or None where its door would not let this member in."""
        url = url_or_none(self.name, *self.args)
        deed = deed_behind(url) if url else None
        return f"{url}{self.where}" if url and (deed is None or may(member, deed)) else None


@dataclass(frozen=True)
class Tour:
    """The steps of one role; `homes` are the URL names where its people begin, which is where it is offered."""

    code: str
    title: Text
    roles: frozenset[Role]
    homes: frozenset[str]
    steps: tuple[Step, ...]


DESK, LIST, COUNTER, BOARD = "ticket:desk", "return_form:list", "return_form:desk", "board:show"
READ = "digest:read"

TOURS = (
    Tour(
        "agent",
        _("Chat agent"),
        frozenset({Role.AGENT}),
        frozenset({"ticket:home", DESK}),
        (
            Step(
                "first", _("“Do first” is what is due: promises and next steps, by time. Begin at the top."), _("Desk"), DESK, "#do-first"
            ),
            Step(
                "log",
                _(
                    "A chat comes in: paste the nick or the order number, type what happened, press Enter. "
                    "From any page, c begins an entry."
                ),
                _("New entry"),
                DESK,
                "#entry",
            ),
            Step(
                "promise",
                _("You tell a customer “by 19:30”? Write it as a promise. Somebody keeps it, even after you have gone home."),
                _("Promised by"),
                DESK,
                "#entry-due",
            ),
            Step(
                "custody",
                _("Open a matter you hold: who has it, who had it before and why stands beside it. One key passes it on or resolves it."),
                _("Mine"),
                "ticket:list",
                "?view=mine#rows",
            ),
            Step(
                "lookup",
                _("Somebody writes again? Press / and type a nick, a phone or any word, and read the story before you answer."),
                _("Look up"),
                "customer:lookup",
                "?q=杯",
            ),
            Step(
                "note",
                _("At the end of your shift, fill in what is missing in your note and sign. Your matters are offered to the next shift."),
                _("Your note"),
                "note:write",
                "#note",
            ),
        ),
    ),
    Tour(
        "night",
        _("Next shift, before it starts"),
        SHIFT_ROLES,
        frozenset({READ}),
        (
            Step(
                "read",
                _("Your digest holds everything since you left, each matter once. Begin with what is marked “Act now”."),
                _("Your digest"),
                READ,
                "#digest",
            ),
            Step(
                "take",
                _("Open a matter and press t to take it over. Its next step and time are filled in; change them if you know better."),
                _("Act now"),
                READ,
                "#level-act_now",
            ),
            Step(
                "owner",
                _("Not yours to do? Press o and name who does it, or press a and ask back whoever wrote it."),
                _("Who can be named"),
                "digest:owners",
            ),
            Step(
                "stable",
                _("What is stable asks nothing of you: look it through if you like, it is taken over together."),
                _("Stable"),
                READ,
                "#stable",
            ),
            Step(
                "start",
                _("All answered? Press s: your duty starts and the workspace opens. What comes later shows on top of every page."),
                _("Start duty"),
                READ,
                "#digest-go",
            ),
            Step(
                "home",
                _("Read it on your way to work: choose where your personal link is sent."),
                _("My messages"),
                "message:mine",
            ),
        ),
    ),
    Tour(
        "after_sale",
        _("After-sale"),
        frozenset({Role.AFTER_SALE}),
        frozenset({LIST}),
        (
            Step(
                "waiting",
                _("Begin with “Waits for you”: drafts to finish, questions to answer, forms to settle."),
                _("Waits for you"),
                LIST,
                "#waiting",
            ),
            Step(
                "file",
                _("Pick an order and file a form over it: the purchase and its story are on the page, you add lines and reason."),
                _("Orders"),
                "order:list",
            ),
            Step(
                "sign",
                _("Submitting signs the form. Whoever changes its content later voids the signatures, for everybody to see."),
                _("Submitted forms"),
                LIST,
                "?state=submitted",
            ),
            Step(
                "sent_back",
                _("A form that was sent back carries a question. Answer it, and a new revision goes round."),
                _("Sent back forms"),
                LIST,
                "?state=sent_back",
            ),
            Step(
                "settle",
                _("The manager has approved? Send the money or the goods, settle, and the form is closed."),
                _("Approved forms"),
                LIST,
                "?state=approved",
            ),
        ),
    ),
    Tour(
        "warehouse",
        _("Warehouse"),
        frozenset({Role.WAREHOUSE}),
        frozenset({COUNTER}),
        (
            Step(
                "scan", _("Scan the parcel, or type a tracking, order or form number: it leads to the form."), _("Scan"), COUNTER, "#scan"
            ),
            Step(
                "count",
                _("Open what is here and not counted. Count each line with + and −, and take a photo of what is damaged."),
                _("Here, not counted"),
                COUNTER,
                "#arrived",
            ),
            Step(
                "sign",
                _("Sign what you counted. Whoever filed the form cannot sign the count; three people sign each form."),
                _("Counted, waits for a signature"),
                COUNTER,
                "#to_sign",
            ),
            Step(
                "expected",
                _("What is still on its way stands under “Expected”. If it never comes, say so on the form instead of counting."),
                _("Expected"),
                COUNTER,
                "#expected",
            ),
            Step(
                "unclaimed",
                _("A parcel that nobody announced is recorded as unclaimed, and matched to its form later."),
                _("Unclaimed parcels"),
                "return_form:parcels",
            ),
        ),
    ),
    Tour(
        "manager",
        _("Manager"),
        frozenset({Role.MANAGER}),
        frozenset({BOARD}),
        (
            Step(
                "offers",
                _("Matters between two people: handed over, not taken over yet. Until somebody takes one, it stays with who signed."),
                _("Handed over, not taken over yet"),
                BOARD,
                "#offers",
            ),
            Step(
                "duty",
                _("Who is at work, how much each has and what is due. The board keeps itself fresh."),
                _("On duty"),
                BOARD,
                "#on-duty",
            ),
            Step(
                "decide",
                _("Counted return forms wait for your decision. Decide one on its page, or like ones together."),
                _("Decide together"),
                "return_form:decide_together",
            ),
            Step(
                "digests",
                _("See who has read the digest, which questions are open and who left without a note."),
                _("Digests"),
                "digest:team",
                "#overview",
            ),
            Step("roster", _("Plan the week. Gaps and empty shifts are flagged before they hurt."), _("Roster"), "roster:week", "#grid"),
            Step(
                "reports",
                _("A report begins with a sentence, and every figure opens the rows it counts. Try the complaint rate."),
                _("Complaint rate"),
                "report:show",
                args=("complaint-rate",),
            ),
        ),
    ),
    Tour(
        "operations",
        _("Operations"),
        frozenset({Role.OPERATIONS}),
        frozenset({"ticket:list"}),
        (
            Step(
                "tickets",
                _("You may look at everything of your team and change nothing. Begin with the tickets; lists can be exported."),
                _("Tickets"),
                "ticket:list",
                "#rows",
            ),
            Step("board", _("See who is at work now, what waits and what is due."), _("Board"), BOARD, "#on-duty"),
            Step(
                "forms",
                _("A return form shows who signed what and when, from the first line to the money."),
                _("Returns"),
                LIST,
                "#forms",
            ),
            Step(
                "reasons",
                _("Why do goods come back? Our fault is counted apart from the customer's choice."),
                _("Return reasons"),
                "report:show",
                args=("return-reasons",),
            ),
            Step(
                "reports",
                _("All reports, with the last 15 days beside the 15 before. Every figure opens the rows it counts."),
                _("Reports"),
                "report:index",
            ),
        ),
    ),
)


def is_own(tour: Tour, member: Member) -> bool:
    return any(role in tour.roles for role in member.roles)


def waits_at_the_gate(member: Member) -> bool:
    """Whether the member's workspace opens only after the digest."""
    presence: Presence | None = getattr(member, "presence", None)
    return member.works_in_shifts and not (presence and presence.is_on(timezone.now()))


def tours_for(member: Member) -> Iterator[dict]:
    """Every tour as the page shows it: the reader's own first, and before the digest is read that one first of all."""
    before = waits_at_the_gate(member)
    order = sorted(TOURS, key=lambda tour: (not is_own(tour, member), (tour.code == "night") is not before))
    for tour in order:
        steps = [{"step": step, "key": f"{tour.code}-{step.code}", "url": step.url_for(member)} for step in tour.steps]
        yield {"tour": tour, "own": is_own(tour, member), "steps": steps}


def cookie_of(member: Member) -> str:
    """One for each member: a browser of a shared desk is met by several."""
    return f"tour_{member.pk}"


def offers_tour(request: HttpRequest | None, member: Member | None) -> bool:
    """Whether this page offers the tour: the home of one of the reader's roles, in the demo team, until it was opened or declined."""
    match = getattr(request, "resolver_match", None)
    if request is None or match is None or member is None or member.team_id is None or member.team.slug != DEMO:
        return False
    if cookie_of(member) in request.COOKIES:
        return False
    return any(is_own(tour, member) and match.view_name in tour.homes for tour in TOURS)
