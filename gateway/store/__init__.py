"""What the gateway itself keeps in the database, one module a table."""
