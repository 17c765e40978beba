-- Where the server keeps its data; only some may know (pg_read_all_settings).
SELECT pg_catalog.current_setting('data_directory');
