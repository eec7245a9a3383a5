"""The screening API: FastAPI on one process, the index in memory."""
