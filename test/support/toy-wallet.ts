import type { Action, Invariant } from "../../src/explore/model.ts";
import type { ToyArgs } from "./toy-graph.ts";

/** Earns up to two coins. */
export const earn: Action<ToyArgs> = {
  name: "earn",
  enabled: (wallet) => wallet.state < 2,
  run: (wallet) => void (wallet.state += 1),
};

/** Spends a coin that is there. */
export const spend: Action<ToyArgs> = {
  name: "spend",
  enabled: (wallet) => wallet.state > 0,
  run: (wallet) => void (wallet.state -= 1),
};

/** Spends a coin, there or not. */
export const overspend: Action<ToyArgs> = {
  name: "spend",
  run: (wallet) => void (wallet.state -= 1),
};

/** The rule that `overspend` breaks. */
export const neverNegative: Invariant<ToyArgs> = {
  name: "coins are never negative",
  expectation: "always",
  holds: (wallet) => wallet.state >= 0,
};

/** What a full wallet witnesses. */
export const canBeFull: Invariant<ToyArgs> = {
  name: "can be full",
  expectation: "sometimes",
  holds: (wallet) => wallet.state === 2,
};
