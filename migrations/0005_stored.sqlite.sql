-- Why: an ingester that is gone for good may be forgotten once the others have stored all they took while it lived.
-- Each says with its heartbeat how far it has come.

-- All that the ingester took before this time is in blocks; milliseconds since the Unix epoch by this machine's clock.
-- Null: not known.
alter table ring_members add column stored_through integer;
