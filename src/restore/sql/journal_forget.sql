-- The journal is not needed any more.
DROP SCHEMA IF EXISTS pgark_restore CASCADE;
