// SPDX-License-Identifier: Apache-2.0
// What an import brought: which licence each accepted line became, a page at a time, for an officer to go on with.
import type { Table } from '../store/table.ts';
import { loadJob } from './import-job.ts';
import { importKey } from './import-keys.ts';
import { decodeImported } from './import-results.ts';
import type { ImportedLine } from './import-results.ts';

/** A page of lines and the licences they became. */
export interface ImportedPage {
  readonly lines: readonly ImportedLine[];
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
  const found: ImportedLine[] = [];
  for await (const { value } of store.range({ prefix, ...from })) {
    found.push(...decodeImported(value).filter(({ line }) => line > Number(after ?? -1)));
    if (found.length > PAGE) break;
  }
  const page = found.slice(0, PAGE);
  const last = page.at(-1)?.line;
  const isMore = found.length > PAGE && last !== undefined;
  return { lines: page, ...(isMore ? { next: String(last).padStart(8, '0') } : {}) };
}
