"""What PostgreSQL itself refuses about return forms, whoever asks: the admin site, a script, a forgotten code path."""

from __future__ import annotations

import pgtrigger

MOVES: dict[str, tuple[str, ...]] = {
    "draft": ("submitted", "cancelled"),
    "sent_back": ("submitted", "cancelled", "draft"),
    "submitted": ("inspected", "sent_back", "draft", "cancelled"),
    "inspected": ("approved", "partly_approved", "rejected", "sent_back", "draft", "submitted"),
    "approved": ("settling", "closed", "draft"),
    "partly_approved": ("settling", "closed", "draft"),
    "rejected": ("settling", "closed", "draft"),
    "settling": ("closed",),
    "closed": (),
    "cancelled": (),
}
"""R1: from each state to which. `draft` after a signature is what an edit leads back to; `submitted` from `inspected`, a recount."""

_PAIRS = ", ".join(f"('{before}', '{after}')" for before, afters in MOVES.items() for after in afters)

LIVE_SIGNATURES = """
    tickets_signature s WHERE s.form_id = {form} AND NOT EXISTS (SELECT 1 FROM tickets_voiding v WHERE v.signature_id = s.id)
"""

FORM = [
    pgtrigger.Protect(name="return_form_is_never_deleted", operation=pgtrigger.Delete),
    pgtrigger.Trigger(
        name="return_form_closed_does_not_change",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__state__in=["closed", "cancelled"]),
        # merging customers or tickets may re-point a closed form; nothing else may touch it
        func="""
            IF (to_jsonb(NEW) - 'customer_id' - 'ticket_id') IS DISTINCT FROM (to_jsonb(OLD) - 'customer_id' - 'ticket_id') THEN
                RAISE EXCEPTION 'return_form_closed_does_not_change' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    ),
    pgtrigger.Trigger(
        name="return_form_moves_along_its_states",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("state"),
        condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
        func=f"""
            IF (OLD.state, NEW.state) NOT IN ({_PAIRS}) THEN
                RAISE EXCEPTION 'return_form_moves_along_its_states: % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    ),
    pgtrigger.Trigger(
        name="return_form_draft_receives_nothing",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("received_at"),
        condition=pgtrigger.Q(new__state="draft", old__received_at__isnull=True, new__received_at__isnull=False),
        # but for a parcel that lay there unclaimed and turned out to be its own
        func="""
            IF NOT EXISTS (SELECT 1 FROM tickets_parcel p WHERE p.form_id = NEW.id AND p.matched_at IS NOT NULL
                           AND p.arrived_at = NEW.received_at) THEN
                RAISE EXCEPTION 'return_form_draft_receives_nothing' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    ),
    pgtrigger.Trigger(
        name="return_form_state_has_its_signatures",
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "revision"),
        declare=[("stages", "integer"), ("people", "integer"), ("needed", "integer"), ("now", "tickets_returnform%ROWTYPE")],
        func=f"""
            SELECT * INTO now FROM tickets_returnform f WHERE f.id = NEW.id;
            needed := CASE now.state WHEN 'submitted' THEN 1 WHEN 'inspected' THEN 2
                      WHEN 'draft' THEN 0 WHEN 'sent_back' THEN 0 WHEN 'cancelled' THEN 0 ELSE 3 END;
            SELECT count(DISTINCT s.stage), count(DISTINCT s.member_id) INTO stages, people
                FROM {LIVE_SIGNATURES.format(form="now.id")} AND s.revision = now.revision;
            IF stages < needed OR people < needed THEN
                RAISE EXCEPTION 'return_form_state_has_its_signatures' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - our own constants
    ),
]

USED_UNITS = """
    CASE WHEN r.granted IN ('reject', 'compensation') THEN 0
         WHEN r.granted <> '' THEN r.approved_quantity
         WHEN r.resolution = 'compensation' THEN 0
         ELSE r.quantity END
"""
"""Units a line takes away from its order line: what was granted once decided, what is asked until then."""

LINE = [
    pgtrigger.Trigger(
        name="return_line_of_a_closed_form_does_not_change",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func="""
            IF EXISTS (SELECT 1 FROM tickets_returnform f WHERE f.id = OLD.form_id AND f.state IN ('closed', 'cancelled')) THEN
                RAISE EXCEPTION 'return_line_of_a_closed_form_does_not_change' USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    ),
    pgtrigger.Trigger(
        name="return_line_reason_is_a_leaf_of_its_team",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("reason_id"),
        func="""
            PERFORM 1 FROM tickets_reason r WHERE r.id = NEW.reason_id FOR KEY SHARE;  -- after whoever puts another below it
            IF NOT EXISTS (SELECT 1 FROM tickets_reason x JOIN tickets_returnform f ON f.team_id = x.team_id
                           WHERE x.id = NEW.reason_id AND f.id = NEW.form_id)
               OR EXISTS (SELECT 1 FROM tickets_reason c WHERE c.parent_id = NEW.reason_id) THEN
                RAISE EXCEPTION 'return_line_reason_is_a_leaf_of_its_team' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    ),
    pgtrigger.Trigger(
        name="return_line_is_within_its_order",
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,  # an edit moves units from one line to another: only the end counts
        operation=pgtrigger.Insert
        | pgtrigger.UpdateOf("quantity", "resolution", "granted", "approved_quantity", "amount", "order_line_id"),
        declare=[
            ("bought", "integer"),
            ("shipped", "boolean"),
            ("replaced", "integer"),
            ("used", "integer"),
            ("goods", "integer"),
            ("paid", "numeric"),
            ("given", "numeric"),
            ("the_order", "bigint"),
        ],
        func=f"""
            SELECT o.id, l.quantity, o.shipped_at IS NOT NULL OR o.status IN ('shipped', 'completed', 'unknown'), o.paid
                INTO the_order, bought, shipped, paid
                FROM tickets_orderline l JOIN tickets_order o ON o.id = l.order_id WHERE l.id = NEW.order_line_id FOR NO KEY UPDATE OF o;
            IF NOT EXISTS (SELECT 1 FROM tickets_returnform f WHERE f.id = NEW.form_id AND f.order_id = the_order) THEN
                RAISE EXCEPTION 'return_line_is_of_its_form_s_order' USING ERRCODE = 'check_violation';
            END IF;
            SELECT coalesce(sum({USED_UNITS}), 0),
                   coalesce(sum({USED_UNITS}) FILTER (WHERE r.resolution IN ('return_and_refund', 'exchange', 'reship')), 0),
                   coalesce(sum(r.approved_quantity) FILTER (WHERE r.granted IN ('exchange', 'reship') AND EXISTS (
                       SELECT 1 FROM tickets_settlement p WHERE p.form_id = f.id AND p.kind = 'ship' AND p.state = 'succeeded')), 0)
                INTO used, goods, replaced
                FROM tickets_returnline r JOIN tickets_returnform f ON f.id = r.form_id
                WHERE r.order_line_id = NEW.order_line_id AND f.state <> 'cancelled';
            IF used > bought + replaced OR goods > (CASE WHEN shipped THEN bought ELSE 0 END) + replaced THEN
                RAISE EXCEPTION 'return_line_is_within_what_was_bought' USING ERRCODE = 'check_violation';
            END IF;
            IF coalesce(NEW.amount, 0) > 0 AND NEW.granted <> 'compensation' THEN
                SELECT coalesce(sum(r.amount), 0) INTO given FROM tickets_returnline r JOIN tickets_returnform f ON f.id = r.form_id
                    WHERE f.order_id = the_order AND f.state <> 'cancelled' AND r.granted <> 'compensation';
                given := given + (SELECT coalesce(sum(f.freight_amount), 0) FROM tickets_returnform f
                                  WHERE f.order_id = the_order AND f.state <> 'cancelled');
                IF given > paid THEN
                    RAISE EXCEPTION 'return_line_is_within_what_was_paid' USING ERRCODE = 'check_violation';
                END IF;
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - our own constants
    ),
]

SIGNATURE = [
    pgtrigger.Protect(name="signature_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
    pgtrigger.Trigger(
        name="return_form_signed_by_different_people",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("form", "tickets_returnform%ROWTYPE"), ("needed", "text[]")],
        func=f"""
            SELECT * INTO form FROM tickets_returnform f WHERE f.id = NEW.form_id FOR UPDATE;
            IF EXISTS (SELECT 1 FROM tickets_signature s WHERE s.form_id = NEW.form_id AND s.revision = NEW.revision
                       AND s.member_id = NEW.member_id AND s.stage <> NEW.stage) THEN
                RAISE EXCEPTION 'return_form_signed_by_different_people' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.stage <> 'initiator' AND EXISTS (SELECT 1 FROM tickets_formrevision x WHERE x.form_id = NEW.form_id
                       AND x.by_id = NEW.member_id AND x.cause IN ('filed', 'edited')) THEN
                RAISE EXCEPTION 'return_form_countersigned_by_nobody_who_edited_it' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.revision <> form.revision OR EXISTS (
                SELECT 1 FROM {LIVE_SIGNATURES.format(form="NEW.form_id")} AND (s.stage = NEW.stage OR s.stage = 'manager')
            ) THEN
                RAISE EXCEPTION 'return_form_stage_is_signed_once' USING ERRCODE = 'check_violation';
            END IF;
            needed := CASE NEW.stage WHEN 'initiator' THEN ARRAY['after_sale'] WHEN 'warehouse' THEN ARRAY['warehouse']
                      ELSE ARRAY['manager'] END;
            IF NOT EXISTS (SELECT 1 FROM tickets_member m WHERE m.id = NEW.member_id AND m.team_id = form.team_id AND m.is_active
                           AND m.roles::text[] && needed FOR SHARE) THEN
                RAISE EXCEPTION 'return_form_signed_in_one_s_own_role' USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.stage <> 'initiator' AND NOT EXISTS (
                SELECT 1 FROM {LIVE_SIGNATURES.format(form="NEW.form_id")} AND s.id = NEW.base_id AND s.revision = NEW.revision
                    AND s.stage = CASE NEW.stage WHEN 'warehouse' THEN 'initiator' ELSE 'warehouse' END
            ) THEN
                RAISE EXCEPTION 'return_form_signed_in_order' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - our own constants
    ),
]

SETTLEMENT = [
    pgtrigger.Protect(name="settlement_is_never_deleted", operation=pgtrigger.Delete),
    pgtrigger.Trigger(
        name="settlement_done_does_not_change",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func="""
            IF OLD.state = 'succeeded' OR NEW.form_id <> OLD.form_id OR NEW.kind <> OLD.kind OR NEW.amount <> OLD.amount
               OR NEW.quantity <> OLD.quantity OR (OLD.state = 'pending' AND NEW.state = 'due') THEN
                RAISE EXCEPTION 'settlement_done_does_not_change' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    ),
]


def _told_of_its_own(name: str, *, settles: bool) -> pgtrigger.Trigger:
    """What a platform's list tells belongs to an order and a form of the shop's own team, and settles no other form's debt."""
    settled = """
               OR NEW.settlement_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM tickets_settlement x WHERE x.id = NEW.settlement_id AND x.form_id = NEW.form_id)"""
    columns = ("team_id", "shop_id", "order_id", "form_id", *(("settlement_id",) if settles else ()))
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*columns),
        func=f"""
            IF NOT EXISTS (SELECT 1 FROM tickets_shop x WHERE x.id = NEW.shop_id AND x.team_id = NEW.team_id)
               OR NEW.order_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM tickets_order x WHERE x.id = NEW.order_id AND x.team_id = NEW.team_id)
               OR NEW.form_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM tickets_returnform x WHERE x.id = NEW.form_id AND x.team_id = NEW.team_id)
               {settled if settles else ""} THEN
                RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - our own constants
    )


PLATFORM_REFUND = [_told_of_its_own("platform_refund_is_of_one_team", settles=False)]
PLATFORM_COMPENSATION = [_told_of_its_own("platform_compensation_is_of_one_team", settles=True)]
