// A small shop in memory, started as a process. `FAIL=…` makes it misbehave.
import { createServer } from "node:http";
import process from "node:process";

const { PORT, HOST, FAIL, GREETING = "hello" } = process.env;
const orders = [];

if (FAIL === "exit-early") {
  console.error("cannot find the configuration");
  process.exit(3);
}

async function readJson(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text === "" ? undefined : JSON.parse(text);
}

function send(response, status, { set: headers, ...body } = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(status === 204 ? "" : JSON.stringify(body));
}

const routes = {
  "GET /health": (request, response) => send(response, 200, { ok: true }),
  "GET /greeting": (request, response) =>
    send(response, 200, { greeting: GREETING, pid: process.pid }),
  "GET /orders": (request, response) => send(response, 200, { orders }),
  "POST /orders": async (request, response) => {
    const order = { id: orders.length + 1, ...(await readJson(request)) };
    orders.push(order);
    console.log(`created order ${order.id}`);
    send(response, 201, order);
  },
  "POST /clear": (request, response) => {
    orders.length = 0;
    send(response, 204);
  },
  "POST /login": (request, response) =>
    send(response, 200, { set: { "set-cookie": ["user=ann; Path=/; HttpOnly", "theme=dark"] } }),
  "POST /logout": (request, response) =>
    send(response, 200, { set: { "set-cookie": "user=; Path=/; Max-Age=0" } }),
  "GET /me": (request, response) => {
    const { cookie = "" } = request.headers;
    const user = /user=(\w+)/.exec(cookie)?.[1];
    if (user === undefined) send(response, 401, { error: "not logged in" });
    else send(response, 200, { user });
  },
  "POST /crash": () => {
    console.error("about to crash");
    process.exit(7);
  },
  "POST /crash-later": (request, response) => {
    send(response, 202, {});
    setTimeout(() => process.exit(9), 20);
  },
  "GET /hang": () => {},
};

const server = createServer(async (request, response) => {
  const handler = routes[`${request.method} ${request.url.split("?")[0]}`];
  if (handler === undefined) send(response, 404, { error: "no such path" });
  else await handler(request, response);
});

// A port of nobody's choice: whoever waits at PORT waits in vain.
server.listen(FAIL === "never-listens" ? 0 : Number(PORT), HOST);
