"""The school register: facts of every school in England, and who has joined."""
