"""What every page shares: problems told to people, forms that keep what was typed, formats."""
