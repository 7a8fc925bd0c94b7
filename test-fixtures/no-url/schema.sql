CREATE TABLE orders (id serial PRIMARY KEY, amount integer NOT NULL);
