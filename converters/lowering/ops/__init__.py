"""One file for each family of operators: how it is lowered to TFLite's vocabulary."""
