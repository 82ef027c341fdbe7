"""Take channels out of a float graph that nobody needs; outputs stay what they are."""

from edgekit.converters.compression.channel_removal.removing import remove_channels

__all__ = ["remove_channels"]
