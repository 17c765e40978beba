-- The parameters that the target server knows, and of the one that is about compression the methods.
SELECT pg_catalog.lower(s.name),
       CASE WHEN s.name OPERATOR(pg_catalog.=) 'default_toast_compression'::pg_catalog.text
            THEN pg_catalog.array_to_string(s.enumvals, ','::pg_catalog.text)
       END
  FROM pg_catalog.pg_settings AS s;
