import type { MockHandle } from "vitest-explore/mock";

interface Article {
  readonly id: number;
  readonly views: number;
  readonly text: string;
}

/** Articles, with a bug for each oracle. */
export function articles(db: MockHandle) {
  return {
    fetch: async (request: Request): Promise<Response> => {
      const { method } = request;
      const [, , id] = new URL(request.url).pathname.split("/");
      const found = db.query<Article>("articles").find((row) => row.id === Number(id));
      switch (method) {
        case "POST": {
          db.execute("INSERT INTO articles VALUES (?)", [{ id: 1, views: 0, text: "one" }]);
          return Response.json({ id: 1 }, { status: 201 });
        }
        case "GET": {
          // The bug: reading is counted in the article itself.
          const views = Number(found?.views) + 1;
          db.execute("UPDATE articles SET views = ? WHERE id = ?", [views, 1]);
          return Response.json({ text: found?.text, views });
        }
        case "PATCH": {
          // The bug: it is refused after it was done.
          db.execute("UPDATE articles SET text = ? WHERE id = ?", ["", 1]);
          return Response.json({ error: "a text is needed" }, { status: 422 });
        }
        case "PUT": {
          // The bug: the text is added to the old one.
          const text = `${found?.text} more`;
          db.execute("UPDATE articles SET text = ? WHERE id = ?", [text, 1]);
          return Response.json({ text });
        }
        default:
          // The bugs: nothing is removed; without an article it breaks.
          if (found === undefined) return Response.json({}, { status: 500 });
          return new Response(undefined, { status: 204 });
      }
    },
  };
}
