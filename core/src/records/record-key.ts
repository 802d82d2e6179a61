// SPDX-License-Identifier: Apache-2.0
// Keys of the state, `kind/part/part` (docs/ledger.md §1, §2, §4): numbers padded, so that a range is in their order.
import { toHex } from '../bytes.ts';

/** The key of each kind of record. */
export const recordKey = {
  network: () => 'net',
  organisation: (msp: string) => `org/${msp}`,
  authority: (uscc: string) => `auth/${uscc}`,
  key: (kid: Uint8Array) => `key/${toHex(kid)}`,
  licenceType: (code: string, version: number) => `type/${code}/${padded(version, 3)}`,
  typeNumber: (number: number) => `typeno/${String(number)}`,
  policy: (act: string) => `policy/${act}`,
  rule: (from: string, to: string, type: string) => `rule/${from}/${to}/${type}`,
  proposal: (id: string) => `prop/${id}`,
  vote: (id: string, msp: string) => `vote/${id}/${msp}`,
  epoch: (uscc: string, epoch: number) => `epoch/${uscc}/${padded(epoch, 10)}`,
  batch: (uscc: string, epoch: number, n: number) =>
    `batch/${uscc}/${padded(epoch, 10)}/${padded(n, 10)}`,
  status: (uscc: string, epoch: number, index: number) =>
    `status/${uscc}/${padded(epoch, 10)}/${padded(index, 5)}`,
  traceRoot: (instance: string, n: number) => `trace/${instance}/${padded(n, 10)}`,
} as const;

/** What the keys of a family begin with; each ends in a slash. */
export const recordPrefix = {
  organisations: () => 'org/',
  authorities: () => 'auth/',
  keys: () => 'key/',
  licenceTypes: (code?: string) => (code === undefined ? 'type/' : `type/${code}/`),
  policies: () => 'policy/',
  rules: () => 'rule/',
  proposals: () => 'prop/',
  votes: () => 'vote/',
  batches: (uscc: string, epoch: number) => `batch/${uscc}/${padded(epoch, 10)}/`,
  statuses: (uscc: string, epoch: number) => `status/${uscc}/${padded(epoch, 10)}/`,
} as const;

/** The name of a province's own chaincode. */
export function provinceChaincode(msp: string): string {
  return `zl-${msp.toLowerCase()}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
