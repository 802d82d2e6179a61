// SPDX-License-Identifier: Apache-2.0
// What an import brought: which licence each accepted line became, a page at a time, for an officer to go on with.
import type { Table } from '../store/table.ts';
import { loadJob } from './import-job.ts';
import { importKey } from './import-keys.ts';
import { decodeImported } from './import-results.ts';

/** A page of lines and the licences they became. */
export interface ImportedPage {
  readonly lines: readonly { readonly line: number; readonly licence: string }[];
  /** Where the next page begins. */
  readonly next?: string;
}

const PAGE = 25;

/** The licences of an import in order of its lines. @throws IMPORT_UNKNOWN */
export async function loadImported(
  store: Table,
  id: string,
  after?: string,
): Promise<ImportedPage> {
  await loadJob(store, id);
  const prefix = importKey.licences(id);
  const from = after === undefined ? {} : { after: prefix + after };
  const found: { readonly line: string; readonly licence: string }[] = [];
  for await (const { key, value } of store.range({ prefix, ...from, limit: PAGE + 1 })) {
    found.push({ line: key.slice(prefix.length), licence: decodeImported(value) });
  }
  const page = found.slice(0, PAGE);
  const last = page.at(-1)?.line;
  return {
    lines: page.map(({ line, licence }) => ({ line: Number(line), licence })),
    ...(found.length > PAGE && last !== undefined ? { next: last } : {}),
  };
}
