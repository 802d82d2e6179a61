// SPDX-License-Identifier: Apache-2.0
// Comb tables of public keys, in sets of eight with the least recently used one replaced. A table
// is built when a key is seen for the second time: fresh keys cost their sender a table each, not us.
import { buildComb } from './comb';
import { userDigest } from './digest';
import { CACHE_KEYS, HEAP, KEY, KEY_TABLES, KEY_TEETH, SEED, SEEN, SLOT_BYTES, TAGS } from './layout';

const WAYS: usize = 8;
const LAST_TICK: u32 = 0xffff0000; // a batch touches far fewer tables than are left from here
let used: u32 = 0; // tables handed out so far
let tick: u32 = 1; // in 32 bits beside each table's number; renumbered before it wraps
let barrier: u32 = 0; // tables touched after this tick are in use by a batch
let last: u64 = 0;

/** The number of tables in memory. */
export function cachedKeys(): u32 {
  return used;
}

/** From here on, tables that get touched stay until `release`. */
export function hold(): void {
  if (tick > LAST_TICK || tick == 0) renumber();
  barrier = tick;
}

export function release(): void {
  barrier = 0;
}

/** Outside a batch: every table is as old as the others, the order is lost once in four billion. */
function renumber(): void {
  for (let i: usize = 0; i < <usize>CACHE_KEYS; i++) store<u32>(TAGS + 8 * i, 0, 4);
  tick = 1;
}

function touch(tag: usize): void {
  if (barrier == 0 && tick > LAST_TICK) renumber();
  store<u32>(tag, ++tick, 4);
}

/** Of the x coordinate, under four secret random words; each word is mixed before the next one comes. */
function hash(): u64 {
  let h = load<u64>(SEED + 24);
  for (let i: usize = 0; i < 32; i += 8) h = mix(h ^ load<u64>(KEY + i), i);
  return h;
}

/** Downwards too, twice under a secret factor: products alone keep the difference of two high bits and let it be cancelled. */
function mix(word: u64, i: usize): u64 {
  let h = (word ^ (word >> 32)) * (load<u64>(SEED + i) | 1);
  h = (h ^ (h >> 29)) * (load<u64>(SEED + ((i + 8) & 31)) | 1);
  return h ^ (h >> 32);
}

function setOf(h: u64): usize {
  return TAGS + 8 * WAYS * <usize>((h >> 40) % (CACHE_KEYS / 8));
}

function slotOf(tag: usize): usize {
  return HEAP + <usize>SLOT_BYTES * <usize>(load<u32>(tag) - 1);
}

function sameX(slot: usize): bool {
  return load<u64>(slot) == load<u64>(KEY) && load<u64>(slot, 8) == load<u64>(KEY, 8)
    && load<u64>(slot, 16) == load<u64>(KEY, 16) && load<u64>(slot, 24) == load<u64>(KEY, 24);
}

function sameY(slot: usize): bool {
  return load<u64>(slot, 32) == load<u64>(KEY, 32) && load<u64>(slot, 40) == load<u64>(KEY, 40)
    && load<u64>(slot, 48) == load<u64>(KEY, 48) && load<u64>(slot, 56) == load<u64>(KEY, 56);
}

/** The slot of the key at KEY, or 0. */
export function find(): usize {
  last = hash();
  const set = setOf(last);
  for (let way: usize = 0; way < WAYS; way++) {
    const tag = set + 8 * way;
    if (load<u32>(tag) == 0) continue;
    const slot = slotOf(tag);
    if (sameX(slot) && sameY(slot)) {
      touch(tag);
      return slot;
    }
  }
  return 0;
}

/** Completes KEY's y from a cached key with the same x and parity; 0 when there is none. */
export function findCompressed(parity: u32): u32 {
  const set = setOf(hash());
  for (let way: usize = 0; way < WAYS; way++) {
    const tag = set + 8 * way;
    if (load<u32>(tag) == 0) continue;
    const slot = slotOf(tag);
    if (sameX(slot) && (<u32>load<u8>(slot, 63) & 1) == parity) {
      memory.copy(KEY + 32, slot + 32, 32);
      return 1;
    }
  }
  return 0;
}

/** After `find` failed for a valid key: its new slot on second sight, else 0. Found once its table is whole. */
export function admit(entry: usize): usize {
  const seen = seenBefore();
  if (seen == 0) return 0;
  const tag = victim(setOf(last));
  if (tag == 0) return 0;
  let number = load<u32>(tag);
  if (number == 0) {
    if (!room(used + 1)) return 0;
    number = ++used;
  }
  store<u32>(tag, 0);
  const slot = HEAP + <usize>SLOT_BYTES * <usize>(number - 1);
  memory.copy(slot, KEY, 64);
  userDigest(slot + 64);
  buildComb(slot + 96, entry, KEY_TEETH, KEY_TABLES);
  store<u32>(tag, number);
  touch(tag);
  store<u64>(seen, 0); // whose table is replaced comes for the first time again
  return slot;
}

/** Where this key is among the last four that came for their first time to the same place, else 0. */
function seenBefore(): usize {
  const seen = SEEN + 32 * <usize>((last >> 20) % (CACHE_KEYS / 4));
  for (let i: usize = 0; i < 32; i += 8) if (load<u64>(seen + i) == last) return seen + i;
  memory.copy(seen + 8, seen, 24);
  store<u64>(seen, last);
  return 0;
}

/** An empty way, else the oldest that no batch holds, else 0. */
function victim(set: usize): usize {
  let oldest: usize = 0;
  for (let way: usize = 0; way < WAYS; way++) {
    const tag = set + 8 * way;
    if (load<u32>(tag) == 0) return tag;
    const held = barrier != 0 && load<u32>(tag, 4) > barrier;
    if (!held && (oldest == 0 || load<u32>(tag, 4) < load<u32>(oldest, 4))) oldest = tag;
  }
  return oldest;
}

function room(tables: u32): bool {
  const need = HEAP + <usize>SLOT_BYTES * <usize>tables;
  const have = <usize>memory.size() << 16;
  // Sixteen pages at a time.
  return need <= have || memory.grow(16) >= 0;
}
