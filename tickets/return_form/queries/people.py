"""Evidence for performance: what each person filed, got back, counted, found otherwise, decided, and how long it took."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from django.db.models import F, Sum

from tickets.people.models import Member, Team
from tickets.return_form.models import ReturnForm, ReturnLine, Signature, Stage, Voiding


@dataclass
class PersonFigures:
    """One person's figures. `days` are the stage lengths in days whose median is shown: after-sale from filing to signing, warehouse
    from S1 to S2, manager from S2 to S3."""

    member: Member
    filed: int = 0
    bounced: int = 0
    counted: int = 0
    disagreed: int = 0
    decided: int = 0
    days: list[float] = field(default_factory=list)

    @property
    def median_days(self) -> float | None:
        return round(median(self.days), 2) if self.days else None


def performance(team: Team, start: datetime, end: datetime, *, only: Member | None = None) -> list[PersonFigures]:
    """Per person, of signatures given in `[start, end)`: S1 filed, S1 voided by sending back, S2 counted and of these with damaged,
    wrong, missing or excess goods, S3 decided. A form counts once per person and stage, however often it was signed. Four queries."""
    given = Signature.objects.filter(form__team=team, at__gte=start, at__lt=end).select_related("member", "base", "form")
    people: dict[int, PersonFigures] = {}
    seen: set[tuple[int, int, str]] = set()
    rows = list(given.filter(member=only) if only else given)
    odd = _disagreeing({x.form_id for x in rows if x.stage == Stage.WAREHOUSE})
    bounced = _sent_back(rows)
    for row in rows:
        person = people.setdefault(row.member_id, PersonFigures(row.member))
        key = (row.member_id, row.form_id, row.stage)
        if key not in seen:
            seen.add(key)
            _count(person, row, odd)
        if row.pk in bounced:
            person.bounced += 1
        since = row.base.at if row.base else row.form.filed_at
        person.days.append((row.at - since) / timedelta(days=1))
    return sorted(people.values(), key=lambda person: person.member.display_name)


def _count(person: PersonFigures, row: Signature, odd: set[int]) -> None:
    if row.stage == Stage.INITIATOR:
        person.filed += 1
    elif row.stage == Stage.WAREHOUSE:
        person.counted += 1
        person.disagreed += row.form_id in odd
    else:
        person.decided += 1


def _disagreeing(forms: set[int]) -> set[int]:
    """The forms where the warehouse found something else than was asked."""
    sums: dict[int, int] = defaultdict(int)
    found = ReturnLine.objects.filter(form__in=forms).values("form_id").annotate(odd=Sum(F("damaged") + F("wrong") + F("missing")))
    for row in found:
        sums[row["form_id"]] = row["odd"] or 0
    more = ReturnForm.objects.filter(pk__in=forms).exclude(excess=[]).values_list("pk", flat=True)
    return {form for form, odd in sums.items() if odd} | set(more)


def _sent_back(rows: list[Signature]) -> set[int]:
    first = [row.pk for row in rows if row.stage == Stage.INITIATOR]
    return set(Voiding.objects.filter(signature__in=first, cause="sent_back").values_list("signature_id", flat=True))
