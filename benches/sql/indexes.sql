-- One table (-v bytes=SIZE, heap with TOAST) with a primary key and nineteen more indexes of the usual kinds.
\ir begin.sql
CREATE TABLE public.orders (
    id bigint NOT NULL, customer_id int NOT NULL, placed timestamptz NOT NULL, status text NOT NULL, amount numeric(12,2) NOT NULL,
    quantity smallint NOT NULL, currency text NOT NULL, paid boolean NOT NULL, weight double precision NOT NULL,
    token uuid, note text, attributes jsonb NOT NULL
);
CALL bench.fill('public.orders', 'mixed', :bytes);
ALTER TABLE public.orders ADD PRIMARY KEY (id);
SELECT format('CREATE INDEX ON public.orders %s;', definition)
FROM unnest(ARRAY[
    '(customer_id)', '(placed)', '(status)', '(amount)', '(quantity)', '(currency)', '(weight)', '(token)', '(note)',
    '(customer_id, placed)', '(status, placed)', '(currency, amount)', '(placed DESC, id)', '(amount DESC) INCLUDE (currency)',
    '(lower(note))', '((attributes ->> ''campaign''))', '(placed) WHERE NOT paid', '(token) WHERE status = ''returned''',
    'USING brin (placed)'
]) AS definition \gexec
\ir end.sql
