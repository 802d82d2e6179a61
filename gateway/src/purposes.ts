// SPDX-License-Identifier: Apache-2.0
// What for: the purposes that a request can name, and those that an act has by what it is (docs/api.md §1).

/** What the header Purpose-Code may say. */
export const PURPOSE_CODES = [
  'issuance',
  'correction',
  'holder-request',
  'counter-service',
  'inspection',
  'audit',
  'training',
] as const;
export type PurposeCode = (typeof PURPOSE_CODES)[number];

/** A purpose in the trace: one that a request names or is itself, or one of acts that nobody asks the purpose of; `unstated`: a denied request that gave none. */
export type TracePurpose =
  PurposeCode | 'supervision' | 'administration' | 'access' | 'anchoring' | 'unstated';
