"""What workers do for moving in."""

from procrastinate.contrib.django import app

from tickets.movein.actions import run_move


@app.task(name="tickets.move_in_file", queue="imports", pass_context=False)
def move_in_file(move_id: int) -> None:
    """Carry a file out, or on after its worker was killed: what was brought in stays, nothing is brought in twice."""
    run_move(move_id)
