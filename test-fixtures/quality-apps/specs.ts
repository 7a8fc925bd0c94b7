import { always, type Rule } from "vitest-explore/test";
import type { HttpClient, HttpResponse } from "vitest-explore/http";
import type { SqliteHandle } from "vitest-explore/sqlite";

/** What the apps' actions share. */
export interface Shared {
  ids?: number[];
  carts?: string[];
  made?: number;
  token?: string;
}

/** What actions and rules of these apps use. */
export interface Args {
  readonly api: HttpClient;
  readonly db: SqliteHandle;
  readonly context: Shared;
}

/** One app and what is explored of it. */
export interface AppSpec {
  readonly command: string;
  readonly schema?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly reset?: (api: HttpClient) => unknown;
  readonly actions: Readonly<
    Record<
      string,
      | ((args: Args) => unknown)
      | {
          readonly enabled: (args: Args) => boolean | Promise<boolean>;
          readonly run: (args: Args) => unknown;
        }
    >
  >;
  readonly invariants: Readonly<Record<string, Rule<Args>>>;
  readonly context: Shared;
  readonly depth: number;
}

const none =
  (sql: string): ((args: Args) => Promise<boolean>) =>
  async ({ db }) =>
    (await db.query(sql)).length === 0;

const hasIds = ({ context: { ids = [] } }: Args): boolean => ids.length > 0;

async function keepId({ context }: Args, answer: ReturnType<HttpClient["post"]>): Promise<void> {
  const { body, status } = (await answer) as HttpResponse;
  if (status === 201) context.ids = [...(context.ids ?? []), Number(body["id"])];
}

const reservations: AppSpec = {
  command: "node reservations.js",
  actions: {
    "reserve tea": (args) => keepId(args, args.api.post("/products/tea/reservations")),
    "reserve cake": (args) => keepId(args, args.api.post("/products/cake/reservations")),
    "confirm first": {
      enabled: hasIds,
      run: ({ api, context }) => api.post(`/reservations/${context.ids?.[0]}/confirm`),
    },
    "release last": {
      enabled: hasIds,
      run: ({ api, context }) => api.post(`/reservations/${context.ids?.at(-1)}/release`),
    },
  },
  invariants: {
    "nothing is sold that is back on the shelf": always(
      none(`SELECT 1 FROM products p
            WHERE stock + (SELECT count(*) FROM sales WHERE product_id = p.id)
                > CASE name WHEN 'tea' THEN 1 ELSE 2 END`),
    ),
    "stock is never negative": always(none("SELECT 1 FROM products WHERE stock < 0")),
  },
  context: {},
  depth: 3,
};

const coupons: AppSpec = {
  command: "node coupons.js",
  // As the app wants it: switching the journal needs the file to itself.
  schema: "PRAGMA journal_mode = DELETE",
  actions: {
    "open cart": {
      enabled: ({ context: { carts = [] } }) => carts.length < 2,
      run: async ({ api, context }) => {
        const { body } = await api.post<{ id: string }>("/carts");
        context.carts = [...(context.carts ?? []), body.id];
      },
    },
    "apply to first": {
      enabled: ({ context: { carts = [] } }) => carts.length > 0,
      run: ({ api, context }) => api.post(`/carts/${context.carts?.[0]}/coupons`, { code: "HALF" }),
    },
    "apply to last": {
      enabled: ({ context: { carts = [] } }) => carts.length > 1,
      run: ({ api, context }) =>
        api.post(`/carts/${context.carts?.at(-1)}/coupons`, { code: "HALF" }),
    },
    "pay first": {
      enabled: ({ context: { carts = [] } }) => carts.length > 0,
      run: ({ api, context }) => api.post(`/carts/${context.carts?.[0]}/checkout`),
    },
    "pay last": {
      enabled: ({ context: { carts = [] } }) => carts.length > 1,
      run: ({ api, context }) => api.post(`/carts/${context.carts?.at(-1)}/checkout`),
    },
  },
  invariants: {
    "a coupon is used once": always(none("SELECT 1 FROM coupons WHERE uses > 1")),
    "a cart has a coupon once": always(
      none("SELECT 1 FROM discounts GROUP BY cart_id, code HAVING count(*) > 1"),
    ),
  },
  context: {},
  depth: 3,
};

const sessions: AppSpec = {
  command: "node sessions.js",
  actions: {
    "ann logs in on two devices": {
      enabled: none("SELECT 1 FROM sessions WHERE user_id = 1"),
      run: async ({ api }) => {
        await api.session("phone").post("/login", { name: "ann" });
        await api.session("laptop").post("/login", { name: "ann" });
      },
    },
    "bob logs in": ({ api }) => api.post("/login", { name: "bob" }),
    "ann logs out": ({ api }) => api.session("phone").post("/logout"),
    "ann writes": ({ api }) => api.session("phone").post("/notes", { text: "hello" }),
    "ann leaves": ({ api }) => api.session("laptop").delete("/me"),
  },
  invariants: {
    "who has left has no notes": always(
      none("SELECT 1 FROM notes n JOIN users u ON u.id = n.user_id WHERE u.deleted_at IS NOT NULL"),
    ),
    "every note is in the audit log": always(
      none("SELECT 1 FROM notes n WHERE NOT EXISTS (SELECT 1 FROM audit WHERE note_id = n.id)"),
    ),
  },
  context: {},
  depth: 3,
};

const ledger: AppSpec = {
  command: "python3 ledger.py",
  actions: {
    "ann pays bob": (args) =>
      keepId(args, args.api.post("/transfers", { from: "ann", to: "bob", amount: 1 })),
    "bob pays ann": (args) =>
      keepId(args, args.api.post("/transfers", { from: "bob", to: "ann", amount: 1 })),
    "reverse the first": {
      enabled: hasIds,
      run: ({ api, context }) => api.post(`/transfers/${context.ids?.[0]}/reverse`),
    },
    "reverse the last": {
      enabled: ({ context: { ids = [] } }) => ids.length > 1,
      run: ({ api, context }) => api.post(`/transfers/${context.ids?.at(-1)}/reverse`),
    },
  },
  invariants: {
    "no money appears": always(none("SELECT 1 WHERE (SELECT sum(balance) FROM accounts) <> 2")),
    "a transfer is reversed once": always(
      none("SELECT 1 FROM reversals GROUP BY transfer_id HAVING count(*) > 1"),
    ),
  },
  context: {},
  depth: 3,
};

const projects: AppSpec = {
  command: "node projects.js",
  actions: {
    create: async (args) => {
      args.context.made = (args.context.made ?? 0) + 1;
      await keepId(args, args.api.post("/projects", { name: `project ${args.context.made}` }));
    },
    "add task": {
      enabled: hasIds,
      run: ({ api, context }) => api.post(`/projects/${context.ids?.at(-1)}/tasks`),
    },
    share: {
      enabled: hasIds,
      run: ({ api, context }) =>
        api.post(`/projects/${context.ids?.at(-1)}/shares`, { reader: "bob" }),
    },
    delete: {
      enabled: hasIds,
      run: async ({ api, context }) => {
        await api.delete(`/projects/${context.ids?.at(-1)}`);
        context.ids = context.ids?.slice(0, -1) ?? [];
      },
    },
  },
  invariants: {
    "a share is of the project it was made for": always(
      none(`SELECT 1 FROM shares s JOIN projects p ON p.id = s.project_id
            WHERE s.project_name <> p.name`),
    ),
    "no task without project": always(
      none("SELECT 1 FROM tasks WHERE project_id NOT IN (SELECT id FROM projects)"),
    ),
  },
  context: {},
  depth: 4,
};

const tokens: AppSpec = {
  command: "node tokens.js",
  actions: {
    "get token": async ({ api, context }) => {
      const { body } = await api.post<{ token: string }>("/token");
      context.token = body.token;
    },
    demote: ({ api }) => api.post("/demote"),
    "log out everywhere": ({ api }) => api.post("/logout-everywhere"),
    write: {
      enabled: ({ context }) => context.token !== undefined,
      run: ({ api, context }) =>
        api.with({ headers: { authorization: `Bearer ${context.token}` } }).post("/write"),
    },
  },
  invariants: {
    "nobody writes with a role of the past": always(none("SELECT 1 FROM writes WHERE stale = 1")),
  },
  context: {},
  depth: 3,
};

const votes: AppSpec = {
  command: "node votes.js",
  actions: {
    publish: ({ api }) => api.put("/posts/hello"),
    remove: ({ api }) => api.delete("/posts/hello"),
    "ann likes": ({ api }) => api.put("/posts/hello/likes/ann"),
    "ann takes it back": ({ api }) => api.delete("/posts/hello/likes/ann"),
  },
  invariants: {
    "likes are never negative": always(none("SELECT 1 FROM posts WHERE likes < 0")),
    "likes are counted": always(
      none(`SELECT 1 FROM posts p WHERE likes > (
              SELECT count(*) FROM likes WHERE post = p.id AND active = 1)`),
    ),
  },
  context: {},
  depth: 3,
};

const prices: AppSpec = {
  command: "node prices.js",
  reset: (api) => api.post("/reset"),
  actions: {
    look: ({ api }) => api.get("/prices/tea"),
    raise: ({ api }) => api.put("/prices/tea", { cents: 120 }),
    lower: ({ api }) => api.put("/prices/tea", { cents: 100 }),
    sell: {
      enabled: none("SELECT 1 FROM sales"),
      run: ({ api }) => api.post("/sales"),
    },
  },
  invariants: {
    "what is paid is what is listed": always(none("SELECT 1 FROM sales WHERE cents <> listed")),
  },
  context: {},
  depth: 3,
};

/** The apps by name; each with a bug within its depth, except `prices`. */
export const APPS: Readonly<Record<string, AppSpec>> = {
  reservations,
  coupons,
  sessions,
  ledger,
  projects,
  tokens,
  votes,
  prices,
};
