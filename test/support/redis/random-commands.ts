import type { Random } from "../sqlite/random.ts";

/** A command as the driver's `call` takes it. */
export type Command = readonly [string, ...(readonly (string | Buffer)[])];

const NAMES = ["a", "b", "c:1", "c:2", "d,e", 'f"\\ \n', "\u{1f511}"] as const;
const MEMBERS = ["one", "two", "three", "17", "1.5", "\0\x01", "ü".repeat(80)] as const;
const IDS = ["5-1", "5-2", "6-0", "7-3", "*"] as const;

/** What the server that they are sent to can do. */
export interface CommandOptions {
  readonly hasFieldTimes: boolean;
}

/** Commands that change anything, of all types; many fail since the key is of another type. */
export function randomCommand(random: Random, { hasFieldTimes }: CommandOptions): Command {
  const key = `${random.pick(["s", "l", "h", "t", "z", "x", "any"])}/${random.pick(NAMES)}`;
  const other = `${key.split("/", 1)[0]}/${random.pick(NAMES)}`;
  const member = random.pick(MEMBERS);
  const number = String(random.below(200) - 100);
  const bytes = Buffer.from([random.below(256), 0xff, random.below(256)]);
  if (random.chance(0.004)) return ["FLUSHDB"];
  if (random.chance(0.25)) return anyTypeCommand(random, key, other);
  switch (key.charAt(0)) {
    case "l":
      return random.pick<Command>([
        ["RPUSH", key, member, number],
        ["LPUSH", key, bytes],
        ["LPOP", key],
        ["LREM", key, "0", member],
        ["LSET", key, "0", number],
        ["RPUSH", key, ...Array.from({ length: 150 }, (_, index) => `${member}${index}`)],
        ["LTRIM", key, "1", "-2"],
        ["LMOVE", key, other, "LEFT", "RIGHT"],
      ]);
    case "h":
      if (hasFieldTimes && random.chance(0.25)) return fieldCommand(random, key, member);
      return random.pick<Command>([
        ["HSET", key, member, number],
        ["HSET", key, bytes, bytes],
        ["HINCRBY", key, "counter", number],
        ["HDEL", key, member],
        ["HSET", key, ...Array.from({ length: 260 }, (_, index) => `${number}${index}`)],
      ]);
    case "t":
      return random.pick<Command>([
        ["SADD", key, member, number],
        ["SADD", key, bytes],
        ["SREM", key, member],
        ["SPOP", key],
        ["SMOVE", key, other, member],
        ["SINTERSTORE", key, other, key],
        ["SADD", key, ...Array.from({ length: 140 }, (_, index) => `${number}${index}`)],
      ]);
    case "z":
      return random.pick<Command>([
        ["ZADD", key, number, member],
        ["ZADD", key, "inf", bytes],
        ["ZINCRBY", key, "0.1", member],
        ["ZREM", key, member],
        ["ZPOPMIN", key],
        ["ZUNIONSTORE", key, "2", key, other],
        [
          "ZADD",
          key,
          ...Array.from({ length: 280 }, (_, index) => `${index % 2 === 0 ? index : number}`),
        ],
      ]);
    case "x":
      return streamCommand(random, key);
    default:
      return random.pick<Command>([
        ["SET", key, member],
        ["SET", key, bytes],
        ["SET", key, member, "KEEPTTL"],
        ["INCRBY", key, number],
        ["APPEND", key, member],
        ["SETBIT", key, "77", "1"],
        ["SETRANGE", key, "3", member],
        ["PFADD", key, member],
        ["GETDEL", key],
        ["SET", key, "x".repeat(3000)],
      ]);
  }
}

/** Times to live of single fields. */
function fieldCommand(random: Random, key: string, member: string): Command {
  return random.pick<Command>([
    ["HPEXPIRE", key, String(1 + random.below(40)), "FIELDS", "1", member],
    ["HPEXPIRE", key, String(500 + random.below(9000)), "FIELDS", "2", member, "counter"],
    ["HEXPIRE", key, String(20 + random.below(1000)), "FIELDS", "1", member],
    ["HPERSIST", key, "FIELDS", "1", member],
  ]);
}

function anyTypeCommand(random: Random, key: string, other: string): Command {
  return random.pick<Command>([
    ["DEL", key],
    ["UNLINK", key],
    ["RENAME", key, other],
    ["COPY", key, other, "REPLACE"],
    ["EXPIRE", key, String(20 + random.below(1000))],
    ["PEXPIRE", key, String(1 + random.below(30))],
    ["PEXPIRE", key, String(300 + random.below(500))],
    ["PERSIST", key],
    ["SET", key, "short", "PX", String(1 + random.below(40))],
    ["SORT", key, "ALPHA", "LIMIT", "0", "3", "STORE", other],
    ["MOVE", key, "9"],
    [
      "EVAL",
      "redis.call('DEL', KEYS[1]) return redis.call('SET', KEYS[2], 'lua')",
      "2",
      key,
      other,
    ],
  ]);
}

function streamCommand(random: Random, key: string): Command {
  const id = random.pick(IDS);
  const group = random.pick(["g1", "g2"]);
  const consumer = random.pick(["c1", "c2"]);
  return random.pick<Command>([
    ["XADD", key, "*", "field", random.pick(MEMBERS)],
    ["XADD", key, id, "field", "value", "more", "x"],
    ["XGROUP", "CREATE", key, group, "0", "MKSTREAM"],
    ["XREADGROUP", "GROUP", group, consumer, "COUNT", "2", "STREAMS", key, ">"],
    ["XACK", key, group, id],
    ["XDEL", key, id],
    ["XTRIM", key, "MAXLEN", "3"],
    ["XGROUP", "SETID", key, group, "6-0"],
    ["XGROUP", "DELCONSUMER", key, group, consumer],
    ["XCLAIM", key, group, consumer, "0", id],
    ["XSETID", key, "9999999999999-0"],
  ]);
}
