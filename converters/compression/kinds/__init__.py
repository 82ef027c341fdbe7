"""One file for each kind of finding: who looks for it, and who judges its fate."""
