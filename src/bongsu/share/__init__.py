"""Hand findings to other systems in the formats that they read, each object marked with who may see it."""
