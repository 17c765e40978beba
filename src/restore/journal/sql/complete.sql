-- Everything is done, in all databases of the restore; $1 is the digests of their plans.
UPDATE ONLY pgark_restore.journal SET complete = $1;
