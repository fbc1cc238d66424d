-- Why: blocks live in the database. A small catalog row says that a block exists; its bytes stand in
-- rows of at most 64 KiB beside it, because SQLite reads a whole value to return a part of it.

-- Times are milliseconds since the Unix epoch. A block covers start_time <= t < end_time.
create table blocks (
    tenant_id text not null check (tenant_id <> ''),
    -- 16 bytes.
    block_id blob not null check (length(block_id) = 16),
    start_time integer not null,
    end_time integer not null,
    -- 0 as flushed; compaction adds one.
    level integer not null check (level >= 0),
    -- 'live': read by queries. 'retired': its samples stand in another block, its bytes wait for removal.
    state text not null default 'live' check (state in ('live', 'retired')),
    series_count integer not null check (series_count >= 0),
    sample_count integer not null check (sample_count >= 0),
    -- Bytes of the body, and where in it the directory stands.
    size integer not null check (size >= 0),
    directory_offset integer not null check (directory_offset >= 0),
    directory_length integer not null check (directory_length >= 0),
    -- {"metric name": [series, samples], ...}; a backslash in a name is written \\ and NUL is written \0.
    metrics text not null,
    -- Milliseconds since the Unix epoch by this machine's clock.
    created_at integer not null,
    primary key (tenant_id, block_id),
    check (start_time < end_time),
    check (directory_offset + directory_length <= size)
) strict, without rowid;

-- Most queries ask for recent data: few blocks end after the start of the asked range.
create index blocks_by_time on blocks (tenant_id, end_time, start_time) where state = 'live';

-- Bodies. Slab n holds the bytes from n * 65536 on; all but the last are full.
create table block_pages (
    tenant_id text not null,
    block_id blob not null,
    slab integer not null check (slab >= 0),
    data blob not null check (length(data) <= 65536),
    primary key (tenant_id, block_id, slab)
) strict;
