import pytest

from tests.tickets.return_form.scene import Scene, make_scene


@pytest.fixture
def scene(db) -> Scene:
    return make_scene()
