-- Everything is done, in all databases: waits until that is on disk.
SET synchronous_commit = on;
UPDATE pgark_restore.journal SET is_complete = true;
