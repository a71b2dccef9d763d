"""The methods of the two servers by theme, each theme once for event loops and once for threads."""
