-- Why: limits of single tenants are changed while the process runs. Each change is a row that is never changed, so that it
-- stays known who changed what, and so that a change can be taken back.

create table tenant_overrides (
    tenant_id text not null check (tenant_id <> ''),
    -- Ascending over the changes of all tenants: who has seen a version misses no earlier one. A tenant's newest row is
    -- in force.
    version integer not null,
    -- A JSON object: limits by name with their values.
    document text not null,
    -- Who wrote it and why, as they say themselves; empty where that is not known.
    author text not null,
    comment text not null,
    -- Milliseconds since the Unix epoch by this machine's clock.
    changed_at integer not null,
    primary key (tenant_id, version)
) strict, without rowid;

create index tenant_overrides_changes on tenant_overrides (version);
