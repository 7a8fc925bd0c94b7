// Scripts in the server's own language. Each says what it is given and what it answers.

/** Bytes that one answer holds at most, but for its last key. */
const MAX_ANSWER_BYTES = 16_000_000;

/** Names `each`, which calls back with parts of a list that a command can be given as arguments. */
const EACH_PART = `
  local function each(list, run)
    for first = 1, #list, 1000 do
      local part = {}
      for index = first, math.min(first + 999, #list) do part[#part + 1] = list[index] end
      run(part)
    end
  end`;

/**
 * Names `field_times`: for each field that runs out its name, value and remaining time. Where the
 * server has nothing of the kind it is not asked, since it would refuse the command.
 */
const FIELD_TIMES = `${EACH_PART}
  local function field_times(key)
    local found = {}
    each(redis.call('HKEYS', key), function(fields)
      local times = redis.call('HPTTL', key, 'FIELDS', #fields, unpack(fields))
      for index, field in ipairs(fields) do
        local value = times[index] >= 0 and redis.call('HGET', key, field)
        if value then
          found[#found + 1] = field
          found[#found + 1] = value
          found[#found + 1] = times[index]
        end
      end
    end)
    return found
  end`;

/**
 * Answers the server's time, then for each key its payload (or nothing), remaining time, and what
 * `field_times` tells of it. It may stop after fewer keys than it was given.
 *
 * ARGV: 1 where fields can run out.
 */
export const CAPTURE = `${FIELD_TIMES}
  local answer, size = redis.call('TIME'), 0
  for _, key in ipairs(KEYS) do
    local payload, fields = redis.call('DUMP', key), false
    if payload then
      size = size + #payload
      local kind = payload:byte(1)
      -- The encodings of hashes with times, see rdb.h of Redis 8 and Valkey 9.
      if ARGV[1] == '1' and kind >= 22 and kind <= 25 then fields = field_times(key) end
    end
    answer[#answer + 1] = payload
    answer[#answer + 1] = redis.call('PTTL', key)
    answer[#answer + 1] = fields
    if size > ${MAX_ANSWER_BYTES} then break end
  end
  return answer`;

/**
 * Names `put`, which makes a key what the next arguments say: remaining time, payload, and the number
 * of fields that run out, with name, value and remaining time of each. Such fields are set anew, since
 * their times in a payload are dates.
 */
const PUT = `
  local at = 1
  local function put(key)
    local ttl, payload, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
    at = at + 3
    redis.call('RESTORE', key, ttl, payload, 'REPLACE')
    for _ = 1, count do
      redis.call('HSET', key, ARGV[at], ARGV[at + 1])
      redis.call('HPEXPIRE', key, ARGV[at + 2], 'FIELDS', 1, ARGV[at])
      at = at + 3
    end
    -- When all its fields were over, the key was made by HSET.
    if count > 0 and ttl ~= '0' then redis.call('PEXPIRE', key, ttl) end
  end`;

/**
 * Writes keys, but only while the database bears our marker. A payload `-` removes the key, `=` sets
 * only its time. Answers the server's time, then for each key 1 where it was written, and its payload
 * just after (or nothing). Answers nothing when the marker is not ours.
 *
 * KEYS: the marker, the scratch key, then the keys. ARGV: the marker's text, then as in `put`.
 *
 * The first command removes what is not there: a script that has begun to write is not refused for
 * lack of memory any more, so it writes all or nothing, and what was once in the server fits again.
 */
export const APPLY = `${PUT}
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {} end
  local answer = redis.call('TIME')
  redis.call('DEL', KEYS[2])
  at = 2
  for index = 3, #KEYS do
    local key, took = KEYS[index], 1
    if ARGV[at + 1] == '-' then
      took = redis.call('DEL', key)
      at = at + 3
    elseif ARGV[at + 1] == '=' then
      took = redis.call('PEXPIRE', key, ARGV[at])
      at = at + 3
    else
      put(key)
    end
    answer[#answer + 1] = took
    answer[#answer + 1] = redis.call('DUMP', key)
  end
  return answer`;

/** Names `read`, which reads one key of any type: its type, and what it holds. */
const READ_KEY = `${EACH_PART}
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
  local function running_out(key, has_field_times)
    local found = {}
    if has_field_times ~= '1' then return found end
    each(redis.call('HKEYS', key), function(fields)
      local times = redis.call('HPTTL', key, 'FIELDS', #fields, unpack(fields))
      for index, field in ipairs(fields) do
        if times[index] >= 0 then found[#found + 1] = field end
      end
    end)
    return found
  end
  local function read(key, has_field_times)
    local kind = redis.call('TYPE', key).ok
    local value = false
    if kind == 'string' then value = redis.call('GET', key)
    elseif kind == 'list' then value = redis.call('LRANGE', key, 0, -1)
    elseif kind == 'set' then value = redis.call('SMEMBERS', key)
    elseif kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    elseif kind == 'hash' then
      value = { redis.call('HGETALL', key), running_out(key, has_field_times) }
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

/** Answers for each key its type, remaining time and content. ARGV: 1 where fields can run out. */
export const READ = `${READ_KEY}
  local answer = {}
  for _, key in ipairs(KEYS) do
    local kind, value = read(key, ARGV[1])
    answer[#answer + 1] = kind
    answer[#answer + 1] = redis.call('PTTL', key)
    answer[#answer + 1] = value
  end
  return answer`;

/**
 * Answers for each payload its type and content, by the way of a key that nobody gets to see.
 *
 * KEYS: the scratch key. ARGV: 1 where fields can run out, then as in `put`.
 */
export const DECODE = `${READ_KEY}${PUT}
  local answer = {}
  -- Makes room, as in the script that writes keys.
  redis.call('DEL', KEYS[1])
  at = 2
  while at <= #ARGV do
    put(KEYS[1])
    local kind, value = read(KEYS[1], ARGV[1])
    redis.call('DEL', KEYS[1])
    answer[#answer + 1] = kind
    answer[#answer + 1] = -1
    answer[#answer + 1] = value
  end
  return answer`;

/** Empties the database and leaves our marker, in one step, if it was there. Answers 1 if so. */
export const EMPTY_BUT = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('FLUSHDB')
  redis.call('SET', KEYS[1], ARGV[1])
  return 1`;

/**
 * Sets a key when it is what it was last seen to be; an empty text means missing. Answers 1 if so.
 * What is there already is replaced also when the server is out of memory.
 */
export const SWAP = `
  local found = redis.call('GET', KEYS[1]) or ''
  if found ~= ARGV[1] then return 0 end
  if found ~= '' then redis.call('DEL', KEYS[1]) end
  redis.call('SET', KEYS[1], ARGV[2])
  return 1`;

/** Removes a key when it is what it is expected to be. */
export const REMOVE = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
  return 0`;
