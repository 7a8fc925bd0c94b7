CREATE TABLE hall (
  seats integer NOT NULL
);
CREATE TABLE tickets (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  returned integer NOT NULL DEFAULT 0
);
INSERT INTO hall VALUES (1);
