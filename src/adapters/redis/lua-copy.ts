// Scripts that copy a whole database, in one step that nobody can come between. All of them:
// KEYS: the marker. ARGV: the marker's text, the number of our database, the number of the second
// database, and what the names of the copies in it begin with.

/**
 * Names `names`: the key in the second database that holds the keys of a copy, each with the time it
 * had left, or -1. The copies themselves have no time, so that they stay.
 */
const START = `
  local marker, ours, spare, prefix = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
  local names = prefix .. 'names'
  local function copy_of(key) return prefix .. 'key:' .. key end
  if redis.call('GET', KEYS[1]) ~= marker then return {} end`;

/** Copies all keys to the second database. Answers how many there are, or nothing without our marker. */
export const COPY_OUT = `${START}
  local keys, left = redis.call('KEYS', '*'), {}
  for index, key in ipairs(keys) do
    left[index] = redis.call('PTTL', key)
    if key == KEYS[1] or redis.call('COPY', key, copy_of(key), 'DB', spare, 'REPLACE') == 0 then
      left[index] = -2
    end
  end
  redis.call('SELECT', spare)
  local count = 0
  for index, key in ipairs(keys) do
    if left[index] ~= -2 then
      count = count + 1
      redis.call('HSET', names, key, left[index])
      redis.call('PERSIST', copy_of(key))
    end
  end
  return { count }`;

/** Empties our database and copies all keys back. Answers 1, or nothing without our marker. */
export const COPY_BACK = `${START}
  redis.call('FLUSHDB')
  redis.call('SET', KEYS[1], marker)
  redis.call('SELECT', spare)
  local known = redis.call('HGETALL', names)
  for index = 1, #known, 2 do
    redis.call('COPY', copy_of(known[index]), known[index], 'DB', ours)
  end
  redis.call('SELECT', ours)
  for index = 1, #known, 2 do
    local left = tonumber(known[index + 1])
    if left >= 0 then redis.call('PEXPIRE', known[index], math.max(left, 1)) end
  end
  return { 1 }`;

/** Answers the queues of which something is missing that was in their copies. */
export const TAKEN = `${START}
  local function size_of(key)
    local kind = redis.call('TYPE', key).ok
    if kind == 'list' then return redis.call('LLEN', key) end
    if kind == 'zset' then return redis.call('ZCARD', key) end
    if kind ~= 'stream' then return 0 end
    local pending = 0
    for _, group in ipairs(redis.call('XINFO', 'GROUPS', key)) do
      for index = 1, #group, 2 do
        if group[index] == 'pending' then pending = pending + group[index + 1] end
      end
    end
    -- What a consumer has taken stays in the stream, but is not to be had any more.
    return redis.call('XLEN', key) - pending
  end
  redis.call('SELECT', spare)
  local known, sizes, taken = redis.call('HGETALL', names), {}, {}
  for index = 1, #known, 2 do sizes[index] = size_of(copy_of(known[index])) end
  redis.call('SELECT', ours)
  for index = 1, #known, 2 do
    local left = tonumber(known[index + 1])
    -- One that had next to no time left is over by now.
    local is_over = left >= 0 and left < 1000 and redis.call('EXISTS', known[index]) == 0
    if not is_over and sizes[index] > 0 and size_of(known[index]) < sizes[index] then
      taken[#taken + 1] = known[index]
    end
  end
  return taken`;

/**
 * Answers keys that may hold something else than their copies, each with the time that the copy had
 * left, or -2 where there is none.
 */
export const DIFFERING = `${START}
  redis.call('SELECT', spare)
  local known, before, left = redis.call('HGETALL', names), {}, {}
  for index = 1, #known, 2 do
    before[known[index]] = redis.call('DUMP', copy_of(known[index]))
    left[known[index]] = tonumber(known[index + 1])
  end
  redis.call('SELECT', ours)
  local answer = {}
  local function compare(key)
    local stays = redis.call('PTTL', key) < 0
    if redis.call('DUMP', key) ~= (before[key] or false) or stays ~= ((left[key] or -1) < 0) then
      answer[#answer + 1] = key
      answer[#answer + 1] = left[key] or -2
    end
  end
  for _, key in ipairs(redis.call('KEYS', '*')) do
    if key ~= KEYS[1] and not left[key] then compare(key) end
  end
  for index = 1, #known, 2 do compare(known[index]) end
  return answer`;

/** Removes the copies. */
export const DROP_COPY = `${START}
  redis.call('SELECT', spare)
  for _, key in ipairs(redis.call('HKEYS', names)) do redis.call('UNLINK', copy_of(key)) end
  return { redis.call('UNLINK', names) }`;
