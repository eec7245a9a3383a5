"""Where records live that must outlast the program: tables in SQLite, or in PostgreSQL by URL."""
