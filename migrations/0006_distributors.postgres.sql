-- Why: a tenant's rate may be meant for all distributors together, so each has to know how many there are. One row
-- for each that lives; heartbeats by the database's clock, as on the ring.

create table distributors (
    -- Of one process: drawn anew at each start.
    name text collate "C" primary key check (name <> ''),
    heartbeat_at timestamptz not null,
    registered_at timestamptz not null default clock_timestamp()
);
