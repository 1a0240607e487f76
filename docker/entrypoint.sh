#!/bin/sh
# Puts the database's password, which comes as a file, into DATABASE_URL and becomes the given command.
set -eu
if [ -z "${DATABASE_URL:-}" ] && [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
    DATABASE_URL="postgres://${POSTGRES_USER:-mixtrial}:$(cat "$POSTGRES_PASSWORD_FILE")@${POSTGRES_HOST:-postgres}/${POSTGRES_DB:-mixtrial}"
    export DATABASE_URL
fi
exec "$@"
