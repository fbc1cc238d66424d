-- Why: an ingester that is gone for good may be forgotten once the others have stored all they took while it lived.
-- Each says with its heartbeat how far it has come.

alter table ring_members
    -- All that the ingester took before this time is in blocks; by the database's clock. Null: not known.
    add column stored_through timestamptz;
