// What the apps of this folder share: JSON over node:http, routes by method and path.
import { createServer } from "node:http";

/** Routes: `"POST /orders/:id/pay": ({ id, body, cookies, request }) => [status, body, headers]`. */
export function serve(routes) {
  const table = Object.entries({ "GET /health": () => [200, {}], ...routes }).map(
    ([route, handle]) => {
      const [method, path] = route.split(" ");
      const pattern = new RegExp(`^${path.replaceAll(/:(\w+)/g, "(?<$1>[^/]+)")}$`);
      return { method, pattern, handle };
    },
  );
  createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const [status, answer, headers] = answerTo(request, text === "" ? {} : JSON.parse(text));
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(answer));
  }).listen(Number(process.env.PORT), "127.0.0.1");

  function answerTo(request, body) {
    for (const { method, pattern, handle } of table) {
      const match = request.method === method ? pattern.exec(request.url) : null;
      if (match === null) continue;
      const cookies = new Map((request.headers.cookie ?? "").split("; ").map((c) => c.split("=")));
      return handle({ ...match.groups, body, cookies, request });
    }
    return [404, { error: "no such route" }];
  }
}
