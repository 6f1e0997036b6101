"""How fast the whole of the speech goes, for each pace that a person may ask for."""

RATES = {"slow": 0.85, "normal": 1.0, "fast": 1.15}
