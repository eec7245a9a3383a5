"""Databases: SQLite by default, PostgreSQL by URL. What is kept is appended; nothing is edited or deleted."""
