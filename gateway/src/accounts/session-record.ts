// SPDX-License-Identifier: Apache-2.0
// A session as it is stored, under the digest of its id: what is stored opens nothing.
import { sm3 } from '@zhenglian/guomi';
import { toHex, utf8 } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { asCbor, integer, optional, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { TableChange } from '../store/table.ts';
import { roleList, storedScope } from './account-record.ts';

const time = integer(0, 0xff_ffff_ffff);
const session = record({
  /** One sign-in: all ids that followed each other. */
  family: text(32),
  /** A local account, whose roles and scope are read anew each time. */
  account: optional(record({ id: text(32), generation: integer(0, 0xffff_ffff) })),
  /** Somebody an identity provider vouches for. */
  vouched: optional(record({ actor: text(64), roles: roleList, scope: storedScope })),
  /** Of the sign-in. */
  startedAt: time,
  /** Of this id. */
  issuedAt: time,
  seenAt: time,
  /** Another id took this one's place then. */
  replacedAt: optional(time),
});

export type Session = Shaped<typeof session>;

export const sessionKey = {
  session: (id: string) => `session/${toHex(sm3.hash(utf8(id)))}`,
  sessions: () => 'session/',
  /** There once a sign-in is over, whichever of its ids comes next. */
  ended: (family: string) => `session-ended/${family}`,
  allEnded: () => 'session-ended/',
} as const;

/** The change that stores a session under an id. */
export function storeSession(key: string, content: Session): TableChange {
  return { key, value: encodeCbor(asCbor(content)) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeSession(encoded: Uint8Array): Session {
  return session(decodeCbor(encoded), 'session');
}
