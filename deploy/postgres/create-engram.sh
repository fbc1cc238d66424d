#!/bin/bash
# Runs once, when PostgreSQL makes its cluster: a database, and an ordinary role that owns it. Row-level
# security would not bind a superuser.
set -euo pipefail

psql -v ON_ERROR_STOP=1 -v password="$ENGRAM_POSTGRES_PASSWORD" -U "$POSTGRES_USER" <<'SQL'
create role engram login password :'password';
create database engram owner engram;
SQL
