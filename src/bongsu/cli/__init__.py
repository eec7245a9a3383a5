"""The command line: one file per verb. Verbs say what is wrong in one sentence; the work lies elsewhere."""
