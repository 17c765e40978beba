-- Keeps the journal from being dropped or altered while it is looked at and read. Of a view this reads
-- nothing either.
LOCK TABLE ONLY pgark_restore.journal, ONLY pgark_restore.done IN ACCESS SHARE MODE;
