// SPDX-License-Identifier: Apache-2.0
// What an operation that writes the ledger before it answers may end with (docs/api.md §2).

/** Codes of a write to the ledger that did not come through, or whose outcome is not known yet. */
export const LEDGER_WRITE_CODES = [
  'LEDGER_REFUSED',
  'ENDORSEMENT_MISMATCH',
  'MVCC_CONFLICT',
  'PHANTOM_CONFLICT',
  'COMMIT_INVALID',
  'COMMIT_UNKNOWN',
  'AUTHORITY_WITHDRAWN',
  'KEY_BURNED',
  'KEY_WINDOW',
  'INDEX_NOT_ANCHORED',
  'STATUS_ORDER',
] as const;
