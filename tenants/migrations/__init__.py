"""Two histories: ``control`` for the control plane, ``tenant`` for what every tenant's schema holds."""
