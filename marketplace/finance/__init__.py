"""The money's pages: statements for schools, trial balance and journal for auditors."""
