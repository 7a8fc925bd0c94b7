/** States and what actions make of them, up to a depth. */
export interface Graph {
  readonly name: string;
  readonly root: string;
  readonly actions: number;
  readonly depth: number;
  /** `undefined` where the action is not enabled. */
  readonly next: (state: string, action: number) => string | undefined;
}

interface Size {
  readonly actions: number;
  readonly depth: number;
}

/** No state is met twice, as where every action leaves something of its own. */
export function tree({ actions, depth }: Size): Graph {
  return {
    name: `a tree, ${actions} actions, depth ${depth}`,
    root: "",
    actions,
    depth,
    next: afterInTree,
  };
}

/** The order of the actions never matters. */
export function lattice({ actions, depth }: Size): Graph {
  const root = Array.from({ length: actions }, () => 0).join();
  return {
    name: `counters, ${actions} actions that commute, depth ${depth}`,
    root,
    actions,
    depth,
    next: afterInLattice,
  };
}

/** Every number can go up and down, and all is reached before the depth. */
export function grid({
  sides,
  size,
  depth,
}: {
  readonly sides: number;
  readonly size: number;
  readonly depth: number;
}): Graph {
  const next: Graph["next"] = (state, action) => {
    const to = changed(state, action >> 1, (action & 1) === 0 ? 1 : -1);
    return to.split(",").every((each) => Number(each) >= 0 && Number(each) <= size)
      ? to
      : undefined;
  };
  const root = Array.from({ length: sides }, () => 0).join();
  const name = `${sides} settings with ${size + 1} values, reached from everywhere`;
  return { name, root, actions: sides * 2, depth, next };
}

/** Two customers, three items of three pieces: take one, check out, fill up the stock. */
export function carts({ depth }: Pick<Size, "depth">): Graph {
  return {
    name: `carts of 2 customers, depth ${depth}`,
    root: "0,0,0,0,0,0,3,3,3",
    actions: 9,
    depth,
    next: afterInCarts,
  };
}

/** Up to five orders, of which the first and the last are paid, refunded and removed. */
export function orders({ depth }: Pick<Size, "depth">): Graph {
  return {
    name: `a shop with up to 5 orders, depth ${depth}`,
    root: "",
    actions: 7,
    depth,
    next: afterInOrders,
  };
}

/** Every action leads to some other state. */
export function random({ states, actions, depth }: Size & { readonly states: number }): Graph {
  const next: Graph["next"] = (state, action) =>
    String(scattered(Number(state) * actions + action) % states);
  const name = `${states.toLocaleString("en")} states at random, ${actions} actions, depth ${depth}`;
  return { name, root: "0", actions, depth, next };
}

const afterInTree: Graph["next"] = (state, action) => `${state}${action}`;

const afterInLattice: Graph["next"] = (state, action) => changed(state, action, 1);

const afterInCarts: Graph["next"] = (state, action) => {
  const all = state.split(",").map(Number);
  const stock = all.slice(6);
  if (action < 6) return (all[action] ?? 0) < 3 ? changed(state, action, 1) : undefined;
  if (action === 8) return [...all.slice(0, 6), 3, 3, 3].join();
  const first = (action - 6) * 3;
  const cart = all.slice(first, first + 3);
  if (cart.some((wanted, item) => wanted > (stock[item] ?? 0))) return state;
  const left = stock.map((pieces, item) => pieces - (cart[item] ?? 0));
  return [
    ...all.slice(0, 6).map((each, at) => (at >= first && at < first + 3 ? 0 : each)),
    ...left,
  ].join();
};

const afterInOrders: Graph["next"] = (state, action) => {
  if (action === 0) return state.length < 5 ? `${state}n` : undefined;
  const at = action % 2 === 0 ? state.length - 1 : 0;
  const becomes = { n: "p", p: "r", r: "" }[state[at] ?? ""];
  const wanted = ["p", "r", ""][Math.floor((action - 1) / 2)];
  if (becomes === undefined || becomes !== wanted) return undefined;
  return state.slice(0, at) + becomes + state.slice(at + 1);
};

function changed(state: string, index: number, by: number): string {
  return state
    .split(",")
    .map((each, at) => (at === index ? Number(each) + by : each))
    .join();
}

/** 32 bits that look like chance. */
function scattered(value: number): number {
  let mixed = Math.imul(value ^ 0x9e3779b9, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
