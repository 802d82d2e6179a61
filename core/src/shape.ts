// SPDX-License-Identifier: Apache-2.0
// Small parsers for decoded CBOR: each takes an unknown value and returns it typed, or throws a coded error.
// A map with text keys becomes a plain record; an unknown or missing key is refused.
import type { CborInput, CborValue } from './cbor.ts';
import { CodedError } from './errors.ts';

/** Turns an untrusted value into a typed one. @throws SHAPE_INVALID naming the path, never the value */
export type Shape<T> = (value: CborValue | undefined, path: string) => T;
/** The type a shape yields. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

function refuse(path: string, wanted: string): never {
  throw new CodedError('SHAPE_INVALID', `${path || 'value'} must be ${wanted}`);
}

export const text =
  (max = 256, pattern?: RegExp): Shape<string> =>
  (value, path) =>
    typeof value === 'string' && value.length <= max && (pattern?.test(value) ?? true)
      ? value
      : refuse(path, `text of at most ${String(max)} characters`);

export const oneOf =
  <const T extends string>(...words: readonly T[]): Shape<T> =>
  (value, path) =>
    words.find((word) => word === value) ?? refuse(path, `one of ${words.join(', ')}`);

export const integer =
  (min: number, max: number): Shape<number> =>
  (value, path) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : refuse(path, `an integer from ${String(min)} to ${String(max)}`);

export const bool: Shape<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, 'true or false');

/** Byte string of exactly `length` bytes, or of at most `max`. */
export const bytes =
  (length?: number, max = 1 << 20): Shape<Uint8Array> =>
  (value, path) =>
    value instanceof Uint8Array &&
    (length === undefined ? value.length <= max : value.length === length)
      ? value
      : refuse(path, length === undefined ? 'bytes' : `${String(length)} bytes`);

export const list =
  <T>(item: Shape<T>, max = 1 << 20): Shape<readonly T[]> =>
  (value, path) =>
    Array.isArray(value) && value.length <= max
      ? (value as readonly CborValue[]).map((v, i) => item(v, `${path}[${String(i)}]`))
      : refuse(path, 'a list');

export const nullable =
  <T>(inner: Shape<T>): Shape<T | null> =>
  (value, path) =>
    value === null ? null : inner(value, path);

export const optional =
  <T>(inner: Shape<T>): Shape<T | undefined> =>
  (value, path) =>
    value === undefined ? undefined : inner(value, path);

/** Map with keys of one kind, as a `Map`. */
export const dictionary =
  <K extends string | number, V>(key: Shape<K>, item: Shape<V>): Shape<ReadonlyMap<K, V>> =>
  (value, path) =>
    value instanceof Map
      ? new Map(
          [...(value as ReadonlyMap<K, CborValue>)].map(([k, v]) => [key(k, path), item(v, path)]),
        )
      : refuse(path, 'a map');

/** Any CBOR value, kept as it is. */
export const anything: Shape<CborValue> = (value, path) =>
  value === undefined ? refuse(path, 'present') : value;

type Members = Readonly<Record<string, Shape<unknown>>>;
type OptionalKeys<M extends Members> = {
  [K in keyof M]: undefined extends Shaped<M[K]> ? K : never;
}[keyof M];
type RecordOf<M extends Members> = {
  readonly [K in Exclude<keyof M, OptionalKeys<M>>]: Shaped<M[K]>;
} & { readonly [K in OptionalKeys<M>]?: Exclude<Shaped<M[K]>, undefined> };

/** Map with exactly the named text keys (those of `optional` shapes may be absent). */
export const record =
  <const M extends Members>(members: M): Shape<RecordOf<M>> =>
  (value, path) => {
    if (!(value instanceof Map)) return refuse(path, 'a map');
    const map = value as ReadonlyMap<string, CborValue>;
    for (const key of map.keys()) {
      if (!Object.hasOwn(members, key)) refuse(`${path}.${key}`, 'absent: it is not known');
    }
    const parsed = Object.entries(members).flatMap(([key, shape]) => {
      const member = shape(map.get(key), path ? `${path}.${key}` : key);
      return member === undefined ? [] : [[key, member] as const];
    });
    return Object.fromEntries(parsed) as RecordOf<M>;
  };

/** A typed record is encodable again: shapes only yield CBOR values and records of them. */
export function asCbor(value: unknown): CborInput {
  return value as CborInput;
}
