"""Per-operator profiles of a bundle: its model is cut, and the parts are timed."""
