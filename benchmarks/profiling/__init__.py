"""Where the time of a model goes, operator by operator, against what the machine can do."""
