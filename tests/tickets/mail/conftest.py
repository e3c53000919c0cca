import pytest

from tests.cast import Cast, make_cast
from tests.tickets.mail.letters import ADDRESS
from tickets.mail import actions


@pytest.fixture
def cast(db: None) -> Cast:
    cast = make_cast()
    actions.set_mailbox(by=cast.alice, address=ADDRESS)
    return cast
