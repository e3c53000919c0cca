"""How the pages feel in the hand, measured: `python -m ux` (make ux) judges, `python -m ux gallery` (make gallery) takes pictures."""
