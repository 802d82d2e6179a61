// SPDX-License-Identifier: Apache-2.0
// A machine client as it is stored: what it may do, and the public keys it proves itself with.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { asCbor, integer, oneOf, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import type { TableChange } from '../store/table.ts';
import { roleList, storedScope } from './account-record.ts';

const client = record({
  id: text(32, /^[0-9a-f]{32}$/),
  name: text(64),
  roles: roleList,
  scope: storedScope,
  state: oneOf('active', 'disabled'),
  /** JSON Web Key Set (RFC 7517), public keys only, as JSON. */
  keys: text(16_384),
  createdAt: integer(0, 0xff_ffff_ffff),
});

export type Client = Shaped<typeof client>;

export const clientKey = {
  client: (id: string) => `client/${id}`,
  clients: () => 'client/',
} as const;

/** The change that stores a client. */
export function storeClient(content: Client): TableChange {
  return { key: clientKey.client(content.id), value: encodeCbor(asCbor(content)) };
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeClient(encoded: Uint8Array): Client {
  return client(decodeCbor(encoded), 'client');
}

/** How the trace names a client. */
export function clientLabel(id: string): string {
  return `machine-${id.slice(0, 12)}`;
}
