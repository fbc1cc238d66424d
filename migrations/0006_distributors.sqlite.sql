-- Why: a tenant's rate may be meant for all distributors together, so each has to know how many there are. One row
-- for each that lives.

create table distributors (
    -- Of one process: drawn anew at each start.
    name text primary key not null check (name <> ''),
    -- Milliseconds since the Unix epoch by this machine's clock.
    heartbeat_at integer not null,
    registered_at integer not null
) strict;
