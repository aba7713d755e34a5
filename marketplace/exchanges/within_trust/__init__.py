"""What help between two schools of one trust costs: nothing, or what the two agree."""
