-- Why: blocks are merged into blocks of a day and leave when their tenant's retention is over. A retired block's
-- bytes stay for queries that were planned before; many workers share the work by leases.

-- When the bytes of a retired block may go. Null while it is live.
alter table blocks add column remove_after timestamptz;
alter table blocks add check ((state = 'retired') = (remove_after is not null));

-- What is to be removed, and what is not a day's block yet: few rows of many.
create index blocks_retired on blocks (tenant_id, remove_after) where state = 'retired';
create index blocks_below_day on blocks (tenant_id, start_time, block_id) where state = 'live' and level < 2;

create table leases (
    tenant_id text collate "C" not null check (tenant_id <> ''),
    name text collate "C" not null check (name <> ''),
    -- For people who look.
    holder text not null,
    -- From the sequence below: never the same twice, so that a row may be deleted.
    epoch bigint not null,
    expires_at timestamptz not null,
    primary key (tenant_id, name)
);
create sequence lease_epochs;

create policy tenant_rows on leases
    using (tenant_id = current_setting('engram.tenant', true)
        or current_setting('engram.all_tenants', true) = 'on');
alter table leases enable row level security, force row level security;

-- Drops one weekly partition that holds nothing and lies before the given time, if there is one; returns its name.
--
-- Dropping locks out every reader for a moment. It does not queue behind a long one, because others would queue
-- behind it: the caller sets lock_timeout. A flush into the week at the same moment fails, makes the partition
-- again and succeeds.
create function drop_empty_block_pages_partition(before bigint) returns text
    language plpgsql security definer set search_path from current as $body$
declare
    week constant bigint := 604800000;
    partition text;
    first_time bigint;
    is_used boolean;
begin
    -- Until the transaction ends; blocks of any tenant keep a partition.
    perform set_config('engram.all_tenants', 'on', true);
    for partition in
        select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent = 'block_pages'::regclass and relname ~ '^block_pages_[0-9]{8}$'
        order by relname
    loop
        first_time := extract(epoch from to_timestamp(right(partition, 8), 'YYYYMMDD')::timestamp
            at time zone 'UTC')::bigint * 1000;
        continue when first_time + week > before;
        execute format('select exists (select from %I)', partition) into is_used;
        continue when is_used;
        -- The parent first, as every reader and writer does.
        lock table only block_pages in access exclusive mode;
        execute format('select exists (select from %I)', partition) into is_used;
        continue when is_used;
        execute format('drop table %I', partition);
        return partition;
    end loop;
    return '';
end
$body$;
