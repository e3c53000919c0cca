"""Django's PostgreSQL backend, but that instants are read ten times as fast (settings: DATABASES → ENGINE)."""
