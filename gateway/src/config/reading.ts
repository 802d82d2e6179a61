// SPDX-License-Identifier: Apache-2.0
// How settings are read: text in, a value out, what is wrong noted by the setting's name and never with its value.
import { readFileSync } from 'node:fs';
import { utf8 } from '@zhenglian/core/bytes';
import type { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads one setting; undefined when it is missing or wrong, which is noted. */
export type Read<Name extends string = string> = <T>(
  name: Name,
  parse: (text: string) => T,
  standard?: string,
) => T | undefined;

/** A reader that notes what is wrong and goes on. `meanings` says of each setting what it is. */
export function readerOf<Name extends string>(
  meanings: Readonly<Record<Name, string>>,
  env: Environment,
  problems: string[],
): Read<Name> {
  return (name, parse, standard) => {
    const text = env[name] ?? standard;
    if (text === undefined || text === '') {
      problems.push(`${name} is missing: ${meanings[name]}`);
      return undefined;
    }
    try {
      return parse(text);
    } catch {
      problems.push(`${name} is wrong: ${meanings[name]}`);
      return undefined;
    }
  };
}

type Complete<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/** Whether nothing of a record is missing. */
export function isComplete<T extends object>(partial: T): partial is T & Complete<T> {
  return Object.values(partial).every((value) => value !== undefined);
}

/** The text, if it has this form. @throws RangeError */
export function demand(text: string, pattern: RegExp): string {
  if (!pattern.test(text) || utf8(text).length > 200) throw new RangeError('not of this form');
  return text;
}

/** 0 or 1. @throws RangeError */
export function parseFlag(text: string): boolean {
  return demand(text, /^[01]$/) === '1';
}

/** A whole number of a range. @throws RangeError */
export function parseWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(demand(text, /^\d{1,12}$/));
    if (value < least || value > most) throw new RangeError('too small or too large');
    return value;
  };
}

/** A JSON file of a shape. */
export function jsonFile<T>(path: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
}
