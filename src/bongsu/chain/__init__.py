"""Where money moves: reading transfers, telling genuine assets from spoofs, putting transfers in order."""
