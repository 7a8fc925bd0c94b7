import { createHash } from "node:crypto";
import { command, type RedisArgument, type RedisClient } from "./driver.ts";
import { type Key, bytesOf } from "./keys.ts";

/** A Lua script, which the server runs as one step that nobody can interrupt. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

/** Keys that one call of a script is given at most: the server does nothing else meanwhile. */
const KEYS_PER_CALL = 1000;

function script(source: string): Script {
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}

/** Answers the server's time, then for each key its payload (or nothing) and remaining time. */
export const CAPTURE = script(`
  local answer = redis.call('TIME')
  for _, key in ipairs(KEYS) do
    answer[#answer + 1] = redis.call('DUMP', key)
    answer[#answer + 1] = redis.call('PTTL', key)
  end
  return answer`);

/**
 * Writes keys: for each a remaining time and a payload. A payload `-` removes the key, `=` sets only
 * its time. Answers the server's time, then for each key 1 where it was written, and its payload
 * just after (or nothing).
 */
export const APPLY = script(`
  local answer = redis.call('TIME')
  for index, key in ipairs(KEYS) do
    local ttl, payload, took = ARGV[index * 2 - 1], ARGV[index * 2], 1
    if payload == '-' then
      took = redis.call('DEL', key)
    elseif payload == '=' then
      took = redis.call('PEXPIRE', key, ttl)
    else
      redis.call('RESTORE', key, ttl, payload, 'REPLACE')
    end
    answer[#answer + 1] = took
    answer[#answer + 1] = redis.call('DUMP', key)
  end
  return answer`);

/** Reads one key of any type: its type, whether it has a time to live, and what it holds. */
const READ_KEY = `
  local function groups(key)
    local found = {}
    for _, group in ipairs(redis.call('XINFO', 'GROUPS', key)) do
      local facts = {}
      for index = 1, #group, 2 do facts[group[index]] = group[index + 1] end
      local consumers = {}
      for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', key, facts.name)) do
        consumers[#consumers + 1] = consumer[2]
      end
      local pending = {}
      if facts.pending > 0 then
        pending = redis.call('XPENDING', key, facts.name, '-', '+', facts.pending)
      end
      found[#found + 1] = { facts.name, facts['last-delivered-id'], consumers, pending }
    end
    return found
  end
  local function read(key)
    local kind = redis.call('TYPE', key).ok
    local value = false
    if kind == 'string' then value = redis.call('GET', key)
    elseif kind == 'list' then value = redis.call('LRANGE', key, 0, -1)
    elseif kind == 'set' then value = redis.call('SMEMBERS', key)
    elseif kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    elseif kind == 'hash' then value = redis.call('HGETALL', key)
    elseif kind == 'stream' then
      local last = ''
      local facts = redis.call('XINFO', 'STREAM', key)
      for index = 1, #facts, 2 do
        if facts[index] == 'last-generated-id' then last = facts[index + 1] end
      end
      value = { redis.call('XRANGE', key, '-', '+'), last, groups(key) }
    elseif kind ~= 'none' then value = redis.call('DUMP', key) end
    return kind, value
  end`;

/** Answers for each key its type, remaining time and content. */
export const READ = script(`${READ_KEY}
  local answer = {}
  for _, key in ipairs(KEYS) do
    local kind, value = read(key)
    answer[#answer + 1] = kind
    answer[#answer + 1] = redis.call('PTTL', key)
    answer[#answer + 1] = value
  end
  return answer`);

/** Answers for each payload its type and content, by the way of a key that nobody gets to see. */
export const DECODE = script(`${READ_KEY}
  local answer = {}
  for _, payload in ipairs(ARGV) do
    redis.call('RESTORE', KEYS[1], 0, payload, 'REPLACE')
    local kind, value = read(KEYS[1])
    redis.call('DEL', KEYS[1])
    answer[#answer + 1] = kind
    answer[#answer + 1] = -1
    answer[#answer + 1] = value
  end
  return answer`);

/** Empties the database and leaves one key, in one step. */
export const EMPTY_BUT = script(`
  redis.call('FLUSHDB')
  return redis.call('SET', KEYS[1], ARGV[1])`);

/** Sets a key when it is what it was last seen to be; an empty text means missing. */
export const SWAP = script(`
  local found = redis.call('GET', KEYS[1]) or ''
  if found ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2])
  return 1`);

/** A connection on which scripts run. */
export interface Scripting {
  readonly system: string;
  readonly client: RedisClient;
}

/** Runs a script. */
export async function runScript(
  { system, client }: Scripting,
  { source, sha }: Script,
  { keys, args = [] }: { readonly keys: readonly Key[]; readonly args?: readonly RedisArgument[] },
): Promise<readonly unknown[]> {
  const rest = [keys.length, ...keys.map(bytesOf), ...args];
  try {
    return (await command(client, system, ["EVALSHA", sha, ...rest])) as readonly unknown[];
  } catch (error) {
    // The server does not know it yet, or the app has flushed the scripts.
    if (!(error instanceof Error && error.message.includes("NOSCRIPT"))) throw error;
    return (await command(client, system, ["EVAL", source, ...rest])) as readonly unknown[];
  }
}

/** Cuts a list into parts that one call of a script may be given. */
export function partsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += KEYS_PER_CALL) {
    parts.push(items.slice(start, start + KEYS_PER_CALL));
  }
  return parts;
}
