import { describe, expectTypeOf, test } from "vitest";
import type { System } from "../../src/adapters/adapter.ts";
import { http, type HttpClient } from "../../src/adapters/http/index.ts";

interface Db {
  readonly path: string;
  readonly url: string;
}

describe("http", () => {
  test("is a system whose handle is the client", () => {
    expectTypeOf(http({ url: "http://127.0.0.1" })).toEqualTypeOf<System<HttpClient>>();
  });

  test("takes the handles without a word about their types", () => {
    http({ command: "x", env: ({ db }) => ({ A: db.path, B: db.url }) });
    http({ command: "x", env: (handles) => ({ A: handles.db.path }) });
    http({ command: "x", reset: (api, { cache }) => [api.get("/"), cache.clear()] });
    http({ app: ({ db }) => ({ fetch: () => new Response(db.path) }) });
  });

  test("checks the handles where the spec says what they are", () => {
    http({ command: "x", env: ({ db }: { readonly db: Db }) => ({ A: db.path }) });
    // @ts-expect-error there is no such property
    http({ command: "x", env: ({ db }: { readonly db: Db }) => ({ A: db.pat }) });
    // @ts-expect-error a value must be a string
    http({ command: "x", env: () => ({ PORT: 3000 }) });
  });

  test("needs exactly one place of the app", () => {
    // @ts-expect-error none
    http({ ready: "/health" });
    // @ts-expect-error two
    http({ url: "http://127.0.0.1", command: "x" });
  });

  test("types a handler by its kind", () => {
    http({
      kind: "fetch",
      app: (request) => {
        expectTypeOf(request).toEqualTypeOf<Request>();
        return new Response();
      },
    });
    http({
      kind: "node",
      app: (request, response) => {
        expectTypeOf(request.url).toEqualTypeOf<string | undefined>();
        response.end();
      },
    });
  });
});

test("a body is an object of unknown values unless the spec says more", async () => {
  const api = {} as HttpClient;
  expectTypeOf((await api.post("/orders")).body["id"]).toEqualTypeOf<unknown>();
  const { body } = await api.post<{ readonly id: number }>("/orders");
  expectTypeOf(body.id).toEqualTypeOf<number>();
  expectTypeOf(
    (await api.get<{ readonly id: number }>("/")).expectStatus(200).body.id,
  ).toEqualTypeOf<number>();
});
