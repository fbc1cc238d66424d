-- Why: two Prometheus servers of a pair send the same series; the samples of one of them are stored. Which one is agreed
-- on here, so that all distributors decide alike.

create table ha_elections (
    tenant_id text collate "C" not null check (tenant_id <> ''),
    -- The value of the tenant's cluster label: one pair.
    cluster text collate "C" not null check (cluster <> ''),
    -- The value of the replica label whose samples are taken.
    replica text collate "C" not null check (replica <> ''),
    -- From the sequence below: every change has one of its own, also after the row was deleted. Writers name the version
    -- that they have seen.
    version bigint not null,
    -- Milliseconds since the Unix epoch: samples up to this time were taken from the replica before.
    start_time bigint not null,
    -- Milliseconds since the Unix epoch: the replica's newest sample.
    newest_sample bigint not null,
    -- When the replica was last heard.
    received_at timestamptz not null,
    elected_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (tenant_id, cluster)
)
-- Rows change every few seconds in columns without an index: with room beside them they stay where they are.
with (fillfactor = 50);
create sequence ha_election_versions;

create policy tenant_rows on ha_elections
    using (tenant_id = current_setting('engram.tenant', true)
        or current_setting('engram.all_tenants', true) = 'on');
alter table ha_elections enable row level security, force row level security;
