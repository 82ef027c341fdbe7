"""One file an operator family, beside the C kernel of the same name."""
