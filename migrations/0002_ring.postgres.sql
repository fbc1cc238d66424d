-- Why: ingesters find each other through the database. One row for each instance; heartbeats by the
-- database's clock, so that no other clock has to be right.

create table ring_members (
    instance text collate "C" primary key check (instance <> ''),
    -- host:port of the RPC server.
    address text not null,
    http_address text not null,
    -- Failure domain; '' where there are none.
    zone text not null,
    state text not null check (state in ('PENDING', 'JOINING', 'ACTIVE', 'LEAVING', 'READONLY')),
    -- Ascending; 0 ... 4294967295.
    tokens bigint[] not null,
    -- Of the process that holds the identity; older processes have lower ones and are refused.
    epoch bigint not null check (epoch > 0),
    heartbeat_at timestamptz not null,
    registered_at timestamptz not null default clock_timestamp()
);

-- The last epoch of every instance name. Stays when a member goes: otherwise a process that was paused for
-- long could meet its own epoch again after others had come and gone under its name.
create table ring_epochs (
    instance text collate "C" primary key,
    epoch bigint not null check (epoch > 0)
);
