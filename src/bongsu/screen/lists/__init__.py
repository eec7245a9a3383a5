"""The parsers of sanctions lists, one a file: each takes the list's id and a path, and yields entries."""
