CREATE TABLE products (
  id    integer PRIMARY KEY,
  stock integer NOT NULL
);
CREATE TABLE reservations (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id integer NOT NULL REFERENCES products,
  status     text NOT NULL DEFAULT 'open'
);
INSERT INTO products VALUES (7, 2);
