// SPDX-License-Identifier: Apache-2.0
// Where things lie in the module's memory, for its generator and for its callers.

export const KEY_COMB = { teeth: 8, tables: 3 } as const;
export const BASE_COMB = { teeth: 12, tables: 2 } as const;
export const COLUMNS = 11;
export const BATCH_MAX = 512;
/** Below it signatures are verified one by one. */
export const BATCH_LEAST = 6;
/** Additions of a tree level at a time: enough to make an inversion cheap, few enough for the cache. */
export const BATCH_GROUP = 512;
export const SIGN_BATCH_MAX = 256;
export const CHUNK_BYTES = 65536;
export const CACHE_KEYS = 4096;

const POINT_BYTES = 72;
const combPoints = (comb: Readonly<{ teeth: number; tables: number }>): number =>
  comb.tables * 2 ** (comb.teeth - 1);

/** Bytes of one cached key: coordinates, ZA, comb table. */
export const SLOT_BYTES = 96 + POINT_BYTES * combPoints(KEY_COMB);

/** An element of two lanes. */
const LANE_BYTES = 80;
const LEAVES = KEY_COMB.tables + BASE_COMB.tables;
/** The leaves of a group, then denominators and running products of its first level. */
const WORK_BYTES = LANE_BYTES * BATCH_GROUP * (2 * LEAVES + 2 * Math.floor(LEAVES / 2));
/** A sum, a point, for each column of a whole batch; while G's table grows, differences and products of half of it. */
const SUMS_BYTES = Math.max(LANE_BYTES * COLUMNS * BATCH_MAX, 40 * combPoints(BASE_COMB));

const SIZES = {
  signature: 64,
  key: 64,
  digest: 32,
  output: 32,
  state: 128,
  seed: 32,
  secret: 32,
  inverse: 40,
  nonce: 32,
  fresh: 48,
  schedule: 128,
  hmac: 256,
  identity: 256,
  constants: 640,
  temporaries: 1600,
  slices: 4096,
  prepared: 144,
  signing: SIGN_BATCH_MAX * 240,
  tags: CACHE_KEYS * 8,
  seen: CACHE_KEYS * 8,
  baseTable: POINT_BYTES * combPoints(BASE_COMB),
  signTable: POINT_BYTES * 52 * 16,
  records: (BATCH_MAX + 1) * 192,
  head: 64,
  chunk: CHUNK_BYTES + 512,
  work: WORK_BYTES,
  sums: SUMS_BYTES,
} as const;

export type AreaName = keyof typeof SIZES;

/** The address of each area. */
export const AREA: Readonly<Record<AreaName, number>> = place();

/** The first address after all areas: key tables grow from here. */
export const HEAP = AREA.sums + SIZES.sums;

export function areaBytes(name: AreaName): number {
  return SIZES[name];
}

function place(): Record<AreaName, number> {
  let next = 1024;
  const take = (name: AreaName): number => {
    const address = next;
    next += Math.ceil(SIZES[name] / 64) * 64;
    return address;
  };
  return {
    signature: take('signature'),
    key: take('key'),
    digest: take('digest'),
    output: take('output'),
    state: take('state'),
    seed: take('seed'),
    secret: take('secret'),
    inverse: take('inverse'),
    nonce: take('nonce'),
    fresh: take('fresh'),
    schedule: take('schedule'),
    hmac: take('hmac'),
    identity: take('identity'),
    constants: take('constants'),
    temporaries: take('temporaries'),
    slices: take('slices'),
    prepared: take('prepared'),
    signing: take('signing'),
    tags: take('tags'),
    seen: take('seen'),
    baseTable: take('baseTable'),
    signTable: take('signTable'),
    records: take('records'),
    head: take('head'),
    chunk: take('chunk'),
    work: take('work'),
    sums: take('sums'),
  };
}
