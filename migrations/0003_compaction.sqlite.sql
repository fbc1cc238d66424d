-- Why: blocks are merged into blocks of a day and leave when their tenant's retention is over. A retired block's
-- bytes stay for queries that were planned before; a lease keeps two processes from the same work.

-- When the bytes of a retired block may go, in milliseconds since the Unix epoch. Null while it is live.
alter table blocks add column remove_after integer;

-- What is to be removed, and what is not a day's block yet: few rows of many.
create index blocks_retired on blocks (tenant_id, remove_after) where state = 'retired';
create index blocks_below_day on blocks (tenant_id, start_time, block_id) where state = 'live' and level < 2;

create table leases (
    tenant_id text not null check (tenant_id <> ''),
    name text not null check (name <> ''),
    -- For people who look.
    holder text not null,
    -- Never the same twice, so that a row may be deleted.
    epoch integer not null,
    -- Milliseconds since the Unix epoch by this machine's clock.
    expires_at integer not null,
    primary key (tenant_id, name)
) strict, without rowid;

-- The last epoch of any lease; one row.
create table lease_epochs (
    epoch integer not null
) strict;
insert into lease_epochs (epoch) values (0);
