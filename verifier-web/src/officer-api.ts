// SPDX-License-Identifier: Apache-2.0
// The issuing desk's calls (docs/api.md §2).
import { call } from './http.ts';
import type { Purpose } from './http.ts';
import * as json from './json.ts';

const role = 'officer';

const reissuedShape = json.record({ id: json.text });
const mintedShape = json.record({
  id: json.optional(json.text),
  /** Of a type that two officers issue: the import that another one is to approve. */
  import: json.optional(json.text),
  state: json.text,
  number: json.optional(json.text),
  version: json.optional(json.number),
});
const foundShape = json.record({
  licences: json.list(
    json.record({
      id: json.text,
      type: json.text,
      number: json.text,
      state: json.text,
      version: json.number,
    }),
  ),
});
const importedShape = json.record({
  licences: json.list(
    json.record({
      line: json.number,
      id: json.text,
      name: json.text,
      number: json.text,
      state: json.text,
    }),
  ),
  next: json.optional(json.text),
});
const licenceShape = json.record({
  id: json.text,
  type: json.text,
  typeVersion: json.number,
  number: json.text,
  version: json.number,
  state: json.text,
  fields: json.list(
    json.record({
      slot: json.text,
      label: json.label,
      text: json.text,
      masked: json.optional(json.bool),
    }),
  ),
  copies: json.list(
    json.record({
      id: json.text,
      kind: json.oneOf('document', 'device'),
      epoch: json.optional(json.number),
      index: json.optional(json.number),
      state: json.text,
      firstDay: json.optional(json.text),
      lastDay: json.optional(json.text),
    }),
  ),
  supersedes: json.optional(json.text),
  supersededBy: json.optional(json.text),
});
const codeShape = json.record({
  text: json.text,
  qrVersion: json.number,
  type: json.text,
  set: json.text,
  number: json.text,
  anchorDueAt: json.optional(json.number),
});
const claimShape = json.record({ code: json.text, expiresAt: json.number, lastSix: json.bool });
const statusShape = json.record({
  state: json.text,
  committed: json.optional(json.record({ transactionId: json.text, blockNumber: json.number })),
});

export type Minted = json.Read<typeof mintedShape>;
export type ImportedLicence = json.Read<typeof importedShape>['licences'][number];
export type FoundLicence = json.Read<typeof foundShape>['licences'][number];
export type Licence = json.Read<typeof licenceShape>;
export type LicenceCode = json.Read<typeof codeShape>;
export type ClaimCode = json.Read<typeof claimShape>;
export type StatusChanged = json.Read<typeof statusShape>;
/** Texts of a licence's fields, by slot. */
export type FieldTexts = Readonly<Record<string, string>>;
/** What a status becomes, and why. */
export interface StatusChange {
  readonly state: 'revoked' | 'suspended' | 'valid';
  readonly class: string;
  readonly reason: string;
  readonly basis: string;
  readonly copy?: string;
}

/** Every call throws GatewayProblem or PageError; `key` makes a repetition harmless. */
export const officerApi = {
  mint: (type: string, fields: FieldTexts, key: string) =>
    call({ path: 'licences', role, body: { type, fields }, key }, mintedShape),
  reissue: (id: string, fields: FieldTexts, key: string) =>
    call({ path: `licences/${id}/reissue`, role, body: { fields }, key }, reissuedShape),
  /** Twenty-five at a time, in order of lines. */
  imported: (id: string, after?: string) =>
    call(
      {
        path: `imports/${id}/licences`,
        role,
        purpose: 'issuance',
        ...(after === undefined ? {} : { query: { after } }),
      },
      importedShape,
    ),
  search: (wanted: Readonly<Record<string, string>>, purpose: Purpose) =>
    call({ path: 'licences/search', role, purpose, body: wanted }, foundShape),
  licence: (id: string, purpose: Purpose, unmask: boolean) =>
    call(
      { path: `licences/${id}`, role, purpose, ...(unmask ? { query: { unmask: 'true' } } : {}) },
      licenceShape,
    ),
  setStatus: (id: string, change: StatusChange, key: string) =>
    call({ path: `licences/${id}/status`, role, body: change, key }, statusShape),
  code: (id: string, set: string, purpose: Purpose) =>
    call({ path: `licences/${id}/code`, role, purpose, query: { set } }, codeShape),
  claimCode: (id: string, delivery: 'counter' | 'letter', key: string) =>
    call({ path: `licences/${id}/claim-codes`, role, body: { delivery }, key }, claimShape),
};
