-- What is in a folder of the server's own disk. $1 is its path.
SELECT f.name FROM pg_catalog.pg_ls_dir($1, true, true) AS f (name);
