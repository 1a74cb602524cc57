"""Whether what `suggest` proposes is worth taking, on trainings that anyone can repeat; see `__main__.py`."""
