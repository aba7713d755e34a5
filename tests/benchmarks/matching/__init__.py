"""What it does to a network that about equal offers are put in the order of the room to earn."""
