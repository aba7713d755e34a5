"""Help agreed, given and paid for: propose, agree (hold), deliver, confirm (settle)."""
