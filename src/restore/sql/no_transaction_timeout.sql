-- The parameter is there from 17 on; a SET would be an error before.
SELECT pg_catalog.set_config(name, '0', false)
  FROM pg_catalog.pg_settings
 WHERE name OPERATOR(pg_catalog.=) 'transaction_timeout';
