"""`manage.py analyze`: the log engine on files, without the database."""

