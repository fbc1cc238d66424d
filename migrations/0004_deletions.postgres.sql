-- Why: a tenant may order that samples of some series are forgotten. The order hides them from queries as soon as it is
-- committed; compaction then writes the blocks that hold them anew.

create table deletions (
    tenant_id text collate "C" not null check (tenant_id <> ''),
    -- Ascending with the time of the order.
    number bigint not null,
    -- PromQL selectors; a series that matches one of them is meant. None: every series of the tenant.
    selectors text[] not null,
    -- Milliseconds since the Unix epoch: start_time <= t < end_time.
    start_time bigint not null,
    end_time bigint not null,
    -- 'ordered': ingesters may hold such samples still. 'stored': only blocks do that have seen fewer deletions.
    -- 'done': no live block does.
    phase text not null default 'ordered' check (phase in ('ordered', 'stored', 'done')),
    requested_at timestamptz not null default clock_timestamp(),
    -- When the phase became 'done'.
    finished_at timestamptz,
    -- Samples that were taken out of blocks so far.
    removed_samples bigint not null default 0 check (removed_samples >= 0),
    primary key (tenant_id, number),
    check (start_time < end_time),
    check ((phase = 'done') = (finished_at is not null))
);
create sequence deletion_numbers;

-- Orders that are in force: few, and every query asks for them.
create index deletions_in_force on deletions (tenant_id, end_time) where phase <> 'done';

create policy tenant_rows on deletions
    using (tenant_id = current_setting('engram.tenant', true)
        or current_setting('engram.all_tenants', true) = 'on');
alter table deletions enable row level security, force row level security;

-- The number of the newest deletion that the block's samples cannot be meant by, 0 for none: a flushed block gets that of
-- the newest one that was not 'ordered' any more, a block that was written anew that of the newest one applied.
alter table blocks add column deletions_seen bigint not null default 0 check (deletions_seen >= 0);
