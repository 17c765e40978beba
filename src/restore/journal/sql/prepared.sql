-- Everything that comes before the first definition is done.
UPDATE ONLY pgark_restore.journal SET is_prepared = true;
