-- The journal is not needed any more. Whoever reads it, or copies it, is waited for only a while.
SET LOCAL lock_timeout = '1min';
DROP SCHEMA IF EXISTS pgark_restore CASCADE;
