-- Why: one process is its own ring, through the same interface as a cluster, and the epoch fences a second
-- process that opens the same file.

create table ring_members (
    instance text primary key not null check (instance <> ''),
    -- host:port of the RPC server.
    address text not null,
    http_address text not null,
    -- Failure domain; '' where there are none.
    zone text not null,
    state text not null check (state in ('PENDING', 'JOINING', 'ACTIVE', 'LEAVING', 'READONLY')),
    -- Ascending; 4 bytes each, most significant first.
    tokens blob not null check (length(tokens) % 4 = 0),
    -- Of the process that holds the identity; older processes have lower ones and are refused.
    epoch integer not null check (epoch > 0),
    -- Milliseconds since the Unix epoch by this machine's clock.
    heartbeat_at integer not null,
    registered_at integer not null
) strict;

-- The last epoch of every instance name. Stays when a member goes: otherwise a process that was paused for
-- long could meet its own epoch again after others had come and gone under its name.
create table ring_epochs (
    instance text primary key not null,
    epoch integer not null check (epoch > 0)
) strict;
