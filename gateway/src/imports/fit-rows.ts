// SPDX-License-Identifier: Apache-2.0
// The rows of a stored chunk against their licence type: values for each that fits, the reasons for each that does not.
// A computation alone, so that it can be done in another thread.
import { isCodedError } from '@zhenglian/core/errors';
import { draftFields } from '../issuance/draft-fields.ts';
import type { DraftedFields, DraftOrder, DraftTerms } from '../issuance/draft-fields.ts';
import { decodeChunk } from './import-chunks.ts';
import type { ImportRow } from './import-row.ts';
import type { ImportError } from './import-results.ts';

/** A chunk as it is stored, and 8 fresh bytes for each of its rows. */
export interface FitOrder {
  readonly terms: DraftTerms;
  readonly chunk: Uint8Array;
  readonly serials: Uint8Array;
}

/** A row that fits. */
export interface FittingRow extends DraftedFields, Pick<DraftOrder, 'serial' | 'version'> {
  readonly line: number;
}

/** What is in a chunk. */
export interface FittedRows {
  /** Rows of it, good and bad. */
  readonly rows: number;
  readonly fitting: readonly FittingRow[];
  readonly errors: readonly ImportError[];
}

const SERIAL_BYTES = 8;
const STEP = 25;
/** Of one row's; more are the same mistake in every field. */
const MOST_ERRORS = 20;

/** Holds rows against their type, in steps of 25 rows. @throws SHAPE_INVALID, CBOR_*, TypeError when there are too few serials */
export function* fitRows({ terms, chunk, serials }: FitOrder): Generator<void, FittedRows> {
  const rows = decodeChunk(chunk);
  if (serials.length < SERIAL_BYTES * rows.length) throw new TypeError('too few serials');
  const fitting: FittingRow[] = [];
  const errors: ImportError[] = [];
  for (const [i, row] of rows.entries()) {
    if (i % STEP === STEP - 1) yield;
    const serial = serials.slice(SERIAL_BYTES * i, SERIAL_BYTES * (i + 1));
    const fitted = fitRow(terms, row, serial, errors);
    if (fitted !== undefined) fitting.push(fitted);
  }
  return { rows: rows.length, fitting, errors };
}

function fitRow(
  terms: DraftTerms,
  { line, fields, reason, faults }: ImportRow,
  serial: Uint8Array,
  errors: ImportError[],
): FittingRow | undefined {
  if (faults !== undefined) {
    errors.push(...faults.map((fault) => ({ line, ...fault })));
    return undefined;
  }
  if (fields === undefined) {
    errors.push({ line, reason: reason ?? 'columns' });
    return undefined;
  }
  const version = 1;
  try {
    return { line, serial, version, ...draftFields(terms, { fields, serial, version }) };
  } catch (cause) {
    if (!isCodedError(cause, 'FIELD_INVALID')) throw cause;
    errors.push(...fieldErrors(line, cause.detail));
    return undefined;
  }
}

function fieldErrors(line: number, detail: unknown): ImportError[] {
  const problems = Array.isArray(detail)
    ? (detail as readonly { slot: string; reason: string }[])
    : [];
  // The name of an unknown field of a JSON line is the sender's text: it is not repeated.
  return problems.slice(0, MOST_ERRORS).map(({ slot, reason }) => ({
    line,
    ...(reason === 'unknown' ? {} : { slot }),
    reason,
  }));
}
