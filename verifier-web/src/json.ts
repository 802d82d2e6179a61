// SPDX-License-Identifier: Apache-2.0
// Reads the gateway's JSON: each reader takes an unknown value and returns it typed, or throws GATEWAY_ANSWER.
// Members a reader does not name are let be, so that a newer gateway can say more.
import { PageError } from './page-error.ts';

/** Turns an untrusted value into a typed one. @throws GATEWAY_ANSWER naming the path, never the value */
export type Reader<T> = (value: unknown, path: string) => T;
/** The type a reader yields. */
export type Read<R> = R extends Reader<infer T> ? T : never;

function refuse(path: string, wanted: string): never {
  throw new PageError('GATEWAY_ANSWER', `${path} must be ${wanted}`);
}

export const text: Reader<string> = (value, path) =>
  typeof value === 'string' ? value : refuse(path, 'text');
export const number: Reader<number> = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(path, 'a number');
export const bool: Reader<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, 'true or false');
export const anything: Reader<unknown> = (value) => value;

export const oneOf =
  <const T extends string>(...words: readonly T[]): Reader<T> =>
  (value, path) =>
    words.find((word) => word === value) ?? refuse(path, `one of ${words.join(', ')}`);

export const list =
  <T>(item: Reader<T>): Reader<readonly T[]> =>
  (value, path) =>
    Array.isArray(value)
      ? value.map((v: unknown, i) => item(v, `${path}[${i}]`))
      : refuse(path, 'a list');

export const optional =
  <T>(inner: Reader<T>): Reader<T | undefined> =>
  (value, path) =>
    value === undefined || value === null ? undefined : inner(value, path);

type Members = Readonly<Record<string, Reader<unknown>>>;
type RecordOf<M extends Members> = { readonly [K in keyof M]: Read<M[K]> };

export const record =
  <const M extends Members>(members: M): Reader<RecordOf<M>> =>
  (value, path) => {
    if (typeof value !== 'object' || value === null) return refuse(path, 'an object');
    const given = new Map<string, unknown>(Object.entries(value));
    const read = Object.entries(members).map(([name, reader]) => [
      name,
      reader(given.get(name), `${path}.${name}`),
    ]);
    return Object.fromEntries(read) as RecordOf<M>;
  };

/** An object whose members are all of one kind. */
export const dictionary =
  <T>(item: Reader<T>): Reader<Readonly<Record<string, T>>> =>
  (value, path) => {
    if (typeof value !== 'object' || value === null) return refuse(path, 'an object');
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, item(member, `${path}.${name}`)]),
    );
  };

/** A word, number or flag, as text. */
export const fact: Reader<string> = (value, path) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : refuse(path, 'a word, number or flag');

/** A label in both languages. */
export const label = record({ zh: text, en: text });
