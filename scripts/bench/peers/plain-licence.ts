// SPDX-License-Identifier: Apache-2.0
// A licence as formats of others carry it: named texts, and when it begins and ends.

/** Texts by name; times in unix seconds. */
export interface PlainLicence {
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly issuedAt: number;
  readonly expiresAt: number;
}
