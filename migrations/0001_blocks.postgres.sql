-- Why: blocks live in the database. A small catalog row says that a block exists; its bytes stand in
-- rows of at most 1 MiB beside it. Keys start with tenant_id, so that the tables can be distributed by
-- tenant and that row-level security is a second wall between tenants.

-- Times are milliseconds since the Unix epoch. A block covers start_time <= t < end_time.
create table blocks (
    tenant_id text collate "C" not null check (tenant_id <> ''),
    block_id uuid not null,
    start_time bigint not null,
    end_time bigint not null,
    -- 0 as flushed; compaction adds one.
    level integer not null check (level >= 0),
    -- 'live': read by queries. 'retired': its samples stand in another block, its bytes wait for removal.
    state text not null default 'live' check (state in ('live', 'retired')),
    series_count bigint not null check (series_count >= 0),
    sample_count bigint not null check (sample_count >= 0),
    -- Bytes of the body, and where in it the directory stands.
    size bigint not null check (size >= 0),
    directory_offset bigint not null check (directory_offset >= 0),
    directory_length bigint not null check (directory_length >= 0),
    -- {"metric name": [series, samples], ...}; a backslash in a name is written \\ and NUL is written \0.
    metrics jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, block_id),
    check (start_time < end_time),
    check (directory_offset + directory_length <= size)
);

-- Most queries ask for recent data: few blocks end after the start of the asked range.
create index blocks_by_time on blocks (tenant_id, end_time, start_time) where state = 'live';

-- Bodies. Slab n holds the bytes from n * 1048576 on; all but the last are full. Rows are only ever
-- inserted, and go with their partition or their block. EXTERNAL: the bytes are compressed already, and
-- a slice of a value is then read without the rest of it.
create table block_pages (
    tenant_id text collate "C" not null,
    block_id uuid not null,
    start_time bigint not null,
    slab integer not null check (slab >= 0),
    data bytea not null check (octet_length(data) <= 1048576),
    primary key (tenant_id, block_id, start_time, slab)
) partition by range (start_time);
alter table block_pages alter column data set storage external;

-- What is older than 2010-01-07 or younger than 2100-01-07 is rare and often a mistake: one partition each,
-- so that strange timestamps cannot create tables without end.
create table block_pages_early partition of block_pages for values from (minvalue) to (1262822400000);
create table block_pages_late partition of block_pages for values from (4102963200000) to (maxvalue);

-- A tenant's transaction says whose rows it may see with SET LOCAL engram.tenant. Work on the whole catalog
-- says SET LOCAL engram.all_tenants = 'on'. A transaction that says neither sees nothing. FORCE: the owner
-- is bound, too.
create policy tenant_rows on blocks
    using (tenant_id = current_setting('engram.tenant', true)
        or current_setting('engram.all_tenants', true) = 'on');
create policy tenant_rows on block_pages
    using (tenant_id = current_setting('engram.tenant', true)
        or current_setting('engram.all_tenants', true) = 'on');
create policy tenant_rows on block_pages_early
    using (tenant_id = current_setting('engram.tenant', true)
        or current_setting('engram.all_tenants', true) = 'on');
create policy tenant_rows on block_pages_late
    using (tenant_id = current_setting('engram.tenant', true)
        or current_setting('engram.all_tenants', true) = 'on');
alter table blocks enable row level security, force row level security;
alter table block_pages enable row level security, force row level security;
alter table block_pages_early enable row level security, force row level security;
alter table block_pages_late enable row level security, force row level security;

-- Makes the weekly partition for blocks that start at the given time, unless it is there. Safe when many call
-- it at once. ATTACH, because PARTITION OF would lock out every reader. SECURITY DEFINER, so that a role that
-- does not own the tables can flush.
create function ensure_block_pages_partition(start_time bigint) returns void
    language plpgsql security definer set search_path from current as $body$
declare
    week constant bigint := 604800000;
    first_time bigint;
    partition text;
begin
    if start_time < 1262822400000 or start_time >= 4102963200000 then
        return;
    end if;
    first_time := start_time / week * week;
    partition := 'block_pages_' || to_char(to_timestamp(first_time / 1000) at time zone 'UTC', 'YYYYMMDD');
    if exists (select from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent = 'block_pages'::regclass and relname = partition) then
        return;
    end if;
    perform pg_advisory_xact_lock(7308328620123251041);
    -- Another one may have made it while we waited.
    if exists (select from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent = 'block_pages'::regclass and relname = partition) then
        return;
    end if;
    execute format('create table %I (like block_pages including all)', partition);
    execute format(
        'create policy tenant_rows on %I using (tenant_id = current_setting(''engram.tenant'', true)'
        ' or current_setting(''engram.all_tenants'', true) = ''on'')', partition);
    execute format('alter table %I enable row level security, force row level security', partition);
    execute format(
        'alter table block_pages attach partition %I for values from (%s) to (%s)',
        partition, first_time, first_time + week);
end
$body$;
