-- One table with a primary key (-v bytes=SIZE, heap with TOAST).
\ir begin.sql
CREATE TABLE public.orders (
    id bigint NOT NULL, customer_id int NOT NULL, placed timestamptz NOT NULL, status text NOT NULL, amount numeric(12,2) NOT NULL,
    quantity smallint NOT NULL, currency text NOT NULL, paid boolean NOT NULL, weight double precision NOT NULL,
    token uuid, note text, attributes jsonb NOT NULL
);
CALL bench.fill('public.orders', 'mixed', :bytes);
ALTER TABLE public.orders ADD PRIMARY KEY (id);
\ir end.sql
