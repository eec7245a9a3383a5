"""Whom an address belongs to, says whom, since when, how sure. TagPack is the form in which labels come and go."""
