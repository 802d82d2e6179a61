// SPDX-License-Identifier: Apache-2.0
// An account as it is stored, sealed. Its name is known only to the record and, as a keyed index, to find it by.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import {
  asCbor,
  bool,
  bytes,
  integer,
  list,
  oneOf,
  optional,
  record,
  text,
} from '@zhenglian/core/shape';
import type { Shape, Shaped } from '@zhenglian/core/shape';
import type { TableChange } from '../store/table.ts';
import type { Vault } from '../store/vault.ts';
import { ROLES } from './principal.ts';
import type { Scope } from './principal.ts';

const hexId = text(32, /^[0-9a-f]{32}$/);
const time = integer(0, 0xff_ffff_ffff);
const limit: Shape<'all' | readonly string[]> = (value, path) =>
  value === 'all' ? 'all' : list(text(32), 64)(value, path);
export const roleList = list(oneOf(...ROLES), ROLES.length);
export const storedScope: Shape<Scope> = record({ divisions: limit, types: limit });

const account = record({
  id: hexId,
  name: text(64),
  roles: roleList,
  scope: storedScope,
  /** `invited`: no password yet, or it was taken away. */
  state: oneOf('invited', 'active', 'disabled'),
  /** argon2id in PHC form. */
  hash: optional(text(256)),
  /** Digest of the one-time secret with which a password is set, and until when. */
  invitation: optional(record({ digest: text(64), expiresAt: time })),
  /** Second factor: used at sign-in once it was confirmed. */
  factor: optional(record({ secret: bytes(20), confirmed: bool, lastStep: time })),
  /** Sessions of an earlier generation are over. */
  generation: integer(0, 0xffff_ffff),
  createdAt: time,
  signedInAt: optional(time),
});

export type Account = Shaped<typeof account>;

export const accountKey = {
  account: (id: string) => `account/${id}`,
  accounts: () => 'account/',
  name: (vault: Vault, name: string) => `name/${nameIndex(vault, name)}`,
} as const;

/** The keyed index of a name: the same for every way to write it. */
export function nameIndex(vault: Vault, name: string): string {
  return vault.index('account-name', name.normalize('NFKC').toLowerCase());
}

/** The change that stores an account. */
export function storeAccount(content: Account): TableChange {
  return { key: accountKey.account(content.id), value: encodeCbor(asCbor(content)) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeAccount(encoded: Uint8Array): Account {
  return account(decodeCbor(encoded), 'account');
}

/** How the trace names an account: stable for its life. */
export function accountLabel(id: string): string {
  return `account-${id.slice(0, 12)}`;
}
