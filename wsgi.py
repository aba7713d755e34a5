"""Where a web server and ``flask --app wsgi`` find the application."""

from marketplace.starting import load

app = load()
