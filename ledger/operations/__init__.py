"""What a book does: each verb and each question, as functions of the desk they work at."""
