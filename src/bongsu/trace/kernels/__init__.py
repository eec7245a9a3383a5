"""Fast kernels: arrays in, arrays out, compiled by numba on first use and kept in numba's cache.

Nothing here knows of addresses or files. `ledger` holds what a caller needs; the modules whose names start with an
underscore are compiled, and are imported when the first kernel runs. Each kernel equals its plain reference in
`trace.policies` or `trace.coins`; the tests hold them against each other on random ledgers.
"""
