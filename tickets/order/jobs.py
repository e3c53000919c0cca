"""What workers do for orders."""

from procrastinate.contrib.django import app

from tickets.order.imports.run import run_import


@app.task(name="tickets.import_orders", queue="imports", pass_context=False)
def import_orders(import_id: int) -> None:
    """Carry an import out, or on after its worker was killed: what was written stays, nothing is written twice."""
    run_import(import_id)
