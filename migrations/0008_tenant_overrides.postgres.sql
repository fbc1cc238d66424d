-- Why: limits of single tenants are changed while everything runs, by operators and programs. Each change is a row that
-- is never changed, so that it stays known who changed what, and so that a change can be taken back.

create table tenant_overrides (
    tenant_id text collate "C" not null check (tenant_id <> ''),
    -- From the sequence below, in the order in which changes of all tenants were committed: who has seen a version misses
    -- no earlier one. A tenant's newest row is in force.
    version bigint not null,
    -- A JSON object: limits by name with their values. As text, so that it stays as it was written.
    document text not null,
    -- Who wrote it and why, as they say themselves; empty where that is not known.
    author text not null,
    comment text not null,
    changed_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, version)
);
create sequence tenant_overrides_versions;

-- All processes ask again and again for what is newer than what they have.
create index tenant_overrides_changes on tenant_overrides (version);

create policy tenant_rows on tenant_overrides
    using (tenant_id = current_setting('engram.tenant', true)
        or current_setting('engram.all_tenants', true) = 'on');
alter table tenant_overrides enable row level security, force row level security;
