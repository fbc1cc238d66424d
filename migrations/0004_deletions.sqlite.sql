-- Why: a tenant may order that samples of some series are forgotten. The order hides them from queries as soon as it is
-- committed; compaction then writes the blocks that hold them anew.

create table deletions (
    tenant_id text not null check (tenant_id <> ''),
    -- Ascending with the time of the order; never used twice.
    number integer primary key autoincrement,
    -- PromQL selectors, one a line (they hold no line break: strings in them escape it); a series that matches one of
    -- them is meant. Empty: every series of the tenant.
    selectors text not null,
    -- Milliseconds since the Unix epoch: start_time <= t < end_time.
    start_time integer not null,
    end_time integer not null,
    -- 'ordered': ingesters may hold such samples still. 'stored': only blocks do that have seen fewer deletions.
    -- 'done': no live block does.
    phase text not null default 'ordered' check (phase in ('ordered', 'stored', 'done')),
    -- Milliseconds since the Unix epoch by this machine's clock.
    requested_at integer not null,
    -- When the phase became 'done'.
    finished_at integer,
    -- Samples that were taken out of blocks so far.
    removed_samples integer not null default 0 check (removed_samples >= 0),
    check (start_time < end_time),
    check ((phase = 'done') = (finished_at is not null))
) strict;

-- Orders that are in force: few, and every query asks for them.
create index deletions_in_force on deletions (tenant_id, end_time) where phase <> 'done';

-- The number of the newest deletion that the block's samples cannot be meant by, 0 for none: a flushed block gets that of
-- the newest one that was not 'ordered' any more, a block that was written anew that of the newest one applied.
alter table blocks add column deletions_seen integer not null default 0 check (deletions_seen >= 0);
