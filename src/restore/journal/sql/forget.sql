-- The journal is not needed any more. Whoever reads it, or copies it, is waited for only a while. What somebody
-- else has put beside it, or made of it, is not dropped with it.
SET LOCAL lock_timeout = '1min';
DROP TABLE pgark_restore.journal, pgark_restore.done;
DROP SCHEMA pgark_restore;
