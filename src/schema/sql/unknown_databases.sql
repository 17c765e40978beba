-- Which of the names in $1 (text[]) are no databases, or none that one can connect to.
SELECT wanted.name
FROM pg_catalog.unnest($1::pg_catalog.text[]) AS wanted(name)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database AS d
                  WHERE d.datname = wanted.name AND d.datallowconn AND d.datconnlimit <> -2);
