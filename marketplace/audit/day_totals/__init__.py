"""The totals of the trial balance at the end of each day, kept so that a page need not add up."""
