"""One file for each family of operators: how it becomes integer."""
