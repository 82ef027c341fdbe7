"""A power meter and a target that edgekit finds by their entry points."""
