// An orders API over any of the ORMs beside it: `node server.js drizzle`. Every request is one
// transaction of the ORM's own; a refused request rolls back. FIXED=1 runs it with the bug repaired.
import { createServer } from "node:http";

const fixed = process.env.FIXED === "1";
const { connect } = await import(`./${process.argv[2]}.js`);
const inTransaction = await connect(process.env.DATABASE_URL);

class Refusal extends Error {}

async function createOrder(orders, { amount }) {
  return orders.insert(amount);
}

async function refund(orders, { amount }, id) {
  const order = await orders.find(id);
  if (order.status === "cancelled") throw new Refusal("the order is cancelled");
  // Money is taken note of before it is known whether it is there.
  const refunded = order.refunded + amount;
  await orders.update(id, { refunded });
  // The bug: the amount is compared with the order's, not with what is left of it.
  if ((fixed ? refunded : amount) > order.amount) throw new Refusal("more than was paid");
  return orders.find(id);
}

async function cancel(orders, _body, id) {
  const order = await orders.find(id);
  if (order.refunded > 0) throw new Refusal("the order is refunded");
  await orders.update(id, { status: "cancelled" });
  return orders.find(id);
}

function route(path) {
  const [, resource, id, verb = "create"] = path.split("/");
  if (resource !== "orders") return undefined;
  const handler = { create: createOrder, refund, cancel }[verb];
  return (body) => inTransaction((orders) => handler(orders, body, Number(id)));
}

async function answer(request) {
  const handler = route(request.url);
  if (handler === undefined) return [request.url === "/health" ? 200 : 404, {}];
  let text = "";
  for await (const chunk of request) text += chunk;
  try {
    return [200, await handler(text === "" ? {} : JSON.parse(text))];
  } catch (error) {
    return [error instanceof Refusal ? 409 : 500, { error: error.message }];
  }
}

createServer(async (request, response) => {
  const [status, body] = await answer(request);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}).listen(Number(process.env.PORT), "127.0.0.1");
