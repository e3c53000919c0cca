"""Every page there is, beside the main ones of `ux/pages.py`: whoever adds a page names it here (`tests/hand` fails until then)."""

from ux.pages import PAGES, STRANGER, Visit

PATHS = {
    STRANGER: """
        /accounts/signup/ /accounts/inactive/ /accounts/password/reset/ /accounts/password/reset/done/ /accounts/password/reset/key/done/
        /accounts/password/reset/key/1-abc/ /accounts/confirm-email/ /accounts/confirm-email/abc/ /accounts/3rdparty/login/cancelled/
        /api/v1/docs/""",
    "agent": """
        /accounts/logout/ /accounts/reauthenticate/ /accounts/email/ /accounts/password/change/ /accounts/2fa/ /accounts/2fa/webauthn/
        /accounts/2fa/webauthn/add/ /accounts/2fa/totp/activate/ /accounts/3rdparty/
        /me/tokens/ /me/messages/ /me/messages/add/ /me/messages/{place}/
        /tickets/{ticket}/live/ /tickets/{ticket}/files/ /tickets/{any_ticket}/take/ /tickets/{ticket}/pass-on/
        /tickets/{ticket}/promise/ /tickets/{ticket}/wait/ /tickets/{ticket}/resume/ /tickets/{ticket}/resolve/ /tickets/{ticket}/reopen/
        /tickets/{ticket}/edit/ /tickets/{ticket}/release/ /tickets/{ticket}/complain/ /tickets/{ticket}/merge/ /tickets/{any_ticket}/ask/
        /tickets/{ticket}/watch/ /tickets/{ticket}/unwatch/ /promises/{promise}/withdraw/
        /tickets/filters/ /tickets/bulk/?deed=wait&ticket={ticket} /tickets/?view=promises /tickets/new/look/?who=1 /desk/live/
        /panel /panel/ /customers/ /scripts/ /campaigns/ /digest/owners/ /digest/addenda/ /digest/questions/
        /reports/performance/{sheet}/ /reports/performance/{sheet}/rows/?measure=filed /styleguide/ /styleguide/?signed=out""",
    "aftersale": """
        /returns/new/ /returns/new/?order={order} /returns/filters/ /returns/people/ /returns/compensations/
        /returns/{form}/print/ /returns/{draft_form}/edit/""",
    "manager": """
        /team/add/ /team/members/{member}/ /team/shops/ /team/shops/add/ /team/shops/{shop}/ /team/shops/{shop}/push/
        /team/reasons/add/ /team/reasons/{reason}/ /team/resolutions/ /team/resolutions/add/ /team/resolutions/{resolution}/
        /scripts/new/ /scripts/{script}/ /campaigns/new/ /campaigns/{campaign}/
        /returns/decide/ /returns/refunds/ /orders/{order}/unmask/
        /roster/grid/ /roster/shifts/{shift}/ /roster/patterns/{pattern}/ /duty/{duty}/ /notices/{notice}/ /board/coming/
        /team/messages/ /team/messages/add/ /team/webhooks/ /team/webhooks/add/ /team/move-in/ /team/mail/
        /reports/complaint-rate/rows/ /reports/pressure/rows/?weekday=1&hour=10
        /reports/service/import/ /reports/performance/weights/ /reports/performance/rows/?measure=filed""",
}
"""The demo account that may → the pages."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DOORS = tuple(Visit(path, who, path) for who, paths in PATHS.items() for path in paths.split())

OF_RARE_ROWS = tuple(
    Visit(path, who, path)
    for who, path in (
        ("night", "/handover/notes/{signed}/signed/"),
        ("manager", "/imports/{run}/"),
        ("manager", "/imports/{run}/columns/"),
        ("manager", "/team/move-in/{move}/"),
        ("manager", "/team/webhooks/{webhook}/"),
        ("manager", "/accounts/2fa/reauthenticate/"),
        ("manager", "/accounts/2fa/totp/deactivate/"),
        ("manager", "/accounts/2fa/recovery-codes/"),
        ("manager", "/accounts/2fa/recovery-codes/generate/"),
        ("manager", "/accounts/2fa/webauthn/keys/{passkey}/edit/"),
        ("manager", "/accounts/2fa/webauthn/keys/{passkey}/remove/"),
    )
)
"""Pages of rows that the demo team has none of: only the tests lay those out."""

OF_STORIES = frozenset({"accounts/2fa/authenticate/", "accounts/2fa/webauthn/reauthenticate/"})
"""Pages that only a real second factor leads to: `tests/platform/test_passkeys.py` looks at them on its way."""

EVERY = (*PAGES, *DOORS)

LEAVES = frozenset({"/accounts/logout/", "/digest/"})
"""Sending a form of these changes who one is, or begins one's duty: not sent by the way."""

NO_PAGES = _words("""
    accounts/login/code/confirm/ accounts/3rdparty/login/error/ accounts/3rdparty/signup/ accounts/social/login/cancelled/
    accounts/social/login/error/ accounts/social/signup/ accounts/social/connections/ accounts/password/set/
    accounts/dingtalk/login/ accounts/dingtalk/login/callback/ accounts/feishu/login/ accounts/feishu/login/callback/
    accounts/oidc/<provider_id>/login/ accounts/oidc/<provider_id>/login/callback/
    accounts/2fa/recovery-codes/download/ accounts/2fa/webauthn/login/
    drafts/ tickets/<int:pk>/typing/ tickets/<int:pk>/nothing/ scripts/for/<int:ticket>/
    orders/export.<str:kind> tickets/export.<str:kind> returns/export.<str:kind> roster/grid.<str:kind>
    imports/<int:pk>/report.csv team/move-in/<int:pk>/report.csv tickets/<int:pk>/files/<int:file>/ returns/photos/<int:pk>/
    hooks/shopify/<str:token>/ d/<str:token>/ manifest.webmanifest language/
""")
"""Doors that answer a GET with no page of their own: another's page, files, programs' answers, small fragments of a page."""
