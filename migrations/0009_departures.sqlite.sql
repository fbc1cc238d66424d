-- Why: deletions are carried out without an ingester that is not on the ring. One that comes back with its log still has
-- what was deleted meanwhile, and the store must know from when on deletions are news to it.

-- Where the instance is not on the ring: the newest deletion up to which all were carried out with it. Null: nothing is
-- known, or the instance is on the ring.
alter table ring_epochs add column deletions_seen integer check (deletions_seen >= 0);

-- The same for an instance that is on the ring again and has not stored yet what it came with. Null: none is news to it.
alter table ring_members add column deletions_seen integer check (deletions_seen >= 0);
