"""How fast it is, as ratios to a bare page measured in the same run. `make bench` runs `python -m bench`."""
