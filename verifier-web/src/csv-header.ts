// SPDX-License-Identifier: Apache-2.0
// The header of a CSV file against a licence type, before anything is sent: the file stays on this computer, so every name in
// it can be told, which the gateway must not do. What passes here is still checked there.
import type { TypeDefinition } from '@zhenglian/core/types/definition';

/** What is wrong with a header; all empty when it fits. */
export interface HeaderFaults {
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
  readonly twice: readonly string[];
  /** No column's name is in the first line: it is no header, perhaps it holds a person. */
  readonly headless: boolean;
}

const HEAD_BYTES = 64 * 1024;
const CELL = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r|\n|$)/g;
const MADE_BY_ISSUER = new Set(['serial', 'version', 'at-least', 'spare']);

/** Reads the first line of a file and compares it; undefined when it fits. */
export async function findHeaderFaults(
  file: Blob,
  type: TypeDefinition,
): Promise<HeaderFaults | undefined> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  return compareHeader(firstRecord(decodeHead(bytes)), type);
}

/** Compares names of columns with the slots of a type; undefined when they fit. */
export function compareHeader(
  header: readonly string[],
  type: TypeDefinition,
): HeaderFaults | undefined {
  const names = header.map((name) => name.trim());
  const slots = type.slots.filter(({ kind }) => !MADE_BY_ISSUER.has(kind));
  const known = new Set(slots.map(({ name }) => name));
  const required = slots.filter((slot) => slot.required === true).map(({ name }) => name);
  const missing = required.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !known.has(name));
  const twice = [...new Set(names)].filter((name) => names.filter((n) => n === name).length > 1);
  if (missing.length + unknown.length + twice.length === 0) return undefined;
  return { missing, unknown, twice, headless: !names.some((name) => known.has(name)) };
}

/** The cells of the first line that is not empty (RFC 4180). */
export function firstRecord(text: string): readonly string[] {
  const cells: string[] = [];
  for (const [, quoted, plain, end] of text.replace(/^(?:\s*\n)+/, '').matchAll(CELL)) {
    cells.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end !== ',') break;
  }
  return cells;
}

/** UTF-8 with or without its mark, else GB 18030, as the gateway reads it. */
function decodeHead(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('gb18030').decode(bytes, { stream: true });
  }
}
