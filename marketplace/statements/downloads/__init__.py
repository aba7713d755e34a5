"""A statement as a file: CSV, spreadsheet and PDF, each made of the same `StatementDocument`."""
