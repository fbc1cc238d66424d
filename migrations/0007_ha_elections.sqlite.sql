-- Why: two Prometheus servers of a pair send the same series; the samples of one of them are stored. Which one is kept
-- here, so that a restart does not change it.

create table ha_elections (
    tenant_id text not null check (tenant_id <> ''),
    -- The value of the tenant's cluster label: one pair.
    cluster text not null check (cluster <> ''),
    -- The value of the replica label whose samples are taken.
    replica text not null check (replica <> ''),
    -- From the counter below: every change has one of its own, also after the row was deleted. Writers name the version
    -- that they have seen.
    version integer not null,
    -- Milliseconds since the Unix epoch: samples up to this time were taken from the replica before.
    start_time integer not null,
    -- Milliseconds since the Unix epoch: the replica's newest sample.
    newest_sample integer not null,
    -- When the replica was last heard, was elected, and when the row was written: milliseconds since the Unix epoch by
    -- this machine's clock.
    received_at integer not null,
    elected_at integer not null,
    changed_at integer not null,
    primary key (tenant_id, cluster)
) strict, without rowid;

create table ha_election_versions (version integer not null) strict;
insert into ha_election_versions (version) values (0);
