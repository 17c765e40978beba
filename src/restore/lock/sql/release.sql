-- Gives all advisory locks of the session back, and says which process it is.
SELECT pg_catalog.pg_backend_pid()
  FROM pg_catalog.pg_advisory_unlock_all() AS released;
