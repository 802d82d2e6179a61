// SPDX-License-Identifier: Apache-2.0
// Takes signatures into a batch: what fails at once or has no table is answered at once, the others
// wait as records (record.as) until the batch runs.
import { hold, release } from './cache';
import { BASE_TABLES, BASE_TEETH, COLUMNS, KEY_TABLES, KEY_TEETH, TEMPORARIES } from './layout';
import { BASE_HIGH, BASE_INDEX, OWN_INDEX, recordAt, STATUS, TABLE } from './record';
import { recode, spreadDigits } from './scalar';
import { prepare, readSignature, S_WORDS, T_WORDS, V_WORDS, verifyUnknown } from './verify';

const DIGITS: usize = TEMPORARIES + 592;

let waiting: i32 = 0; // records with a table

/** Begins a batch: tables that it uses stay until `batchEnd`. */
export function batchStart(): void {
  waiting = 0;
  hold();
}

/** Takes SIGNATURE, KEY and message as `verify` does; 0, 1 and 2 are final, 3 means: in the batch. */
export function batchAdd(length: i32): i32 {
  if (!readSignature()) return 0;
  const slot = prepare(length);
  if (slot < 0) return 0;
  if (slot == 0) return verifyUnknown();
  const record = recordAt(waiting++);
  recode(DIGITS, T_WORDS, KEY_TEETH * KEY_TABLES * COLUMNS);
  spreadDigits(record + OWN_INDEX, DIGITS, KEY_TABLES * COLUMNS, 0, KEY_TEETH);
  recode(DIGITS, S_WORDS, BASE_TEETH * BASE_TABLES * COLUMNS);
  spreadDigits(record + BASE_INDEX, DIGITS, BASE_TABLES * COLUMNS, 0, min(8, BASE_TEETH));
  spreadDigits(record + BASE_INDEX + BASE_HIGH, DIGITS, BASE_TABLES * COLUMNS, 8, BASE_TEETH);
  memory.copy(record, V_WORDS, 32);
  store<u32>(record, <u32>slot + 96, TABLE);
  store<u32>(record, 0, STATUS);
  return 3;
}

/** Ends the intake: how many records wait for `batchRun`. */
export function batchEnd(): i32 {
  release();
  return waiting;
}
