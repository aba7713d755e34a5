"""The school year: half-terms, term dates, INSET days and bank holidays."""
