-- A thousand of each.
INSERT INTO customers (name) SELECT 'customer ' || i FROM generate_series(1, 1000) AS i;
INSERT INTO products (name, price) SELECT 'product ' || i, 100 + i FROM generate_series(1, 1000) AS i;
INSERT INTO orders (customer, product, status) SELECT i, i, 'paid' FROM generate_series(1, 1000) AS i;
INSERT INTO payments ("order", amount) SELECT i, 100 + i FROM generate_series(1, 1000) AS i;
