// SPDX-License-Identifier: Apache-2.0
// Brings the module up: G in Montgomery form, the tables of G.
import { buildBaseTable, buildSignTable } from './comb';
import { copy, fromBytes, GX, GY } from './field';
import { KEY, TEMPORARIES } from './layout';

const ENTRY: usize = TEMPORARIES + 880;

/** Builds the tables; the loader has put the constants and, at KEY, the coordinates of G. */
export function start(): void {
  fromBytes(GX, KEY);
  fromBytes(GY, KEY + 32);
  copy(ENTRY, GX);
  copy(ENTRY + 36, GY);
  buildBaseTable(ENTRY);
  buildSignTable(ENTRY);
}
