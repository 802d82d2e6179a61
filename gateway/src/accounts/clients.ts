// SPDX-License-Identifier: Apache-2.0
// Machine clients and their access tokens: an assertion in, an opaque token out that holds for ten minutes. Tokens are
// stored as digests; disabling a client ends its tokens at once.
import { toHex, utf8 } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { integer, record, text } from '@zhenglian/core/shape';
import { sm3 } from '@zhenglian/guomi';
import { gatewayError } from '../problem-codes.ts';
import type { TableChange } from '../store/table.ts';
import type { AccountParts } from './account-parts.ts';
import { checkAssertion, clientOfAssertion, invalid } from './assertion.ts';
import { clientKey, clientLabel, decodeClient, storeClient } from './client-record.ts';
import type { Client } from './client-record.ts';
import type { Principal } from './principal.ts';

/** Machine clients of a gateway. */
export interface Clients {
  register(
    order: Pick<Client, 'name' | 'roles' | 'scope' | 'keys'>,
    actor: string,
  ): Promise<Client>;
  list(): Promise<readonly Client[]>;
  byId(id: string): Promise<Client | undefined>;
  /** @throws CLIENT_UNKNOWN */
  disable(id: string, actor: string): Promise<Client>;
  /** @throws ASSERTION_INVALID, ASSERTION_AUDIENCE, ASSERTION_EXPIRED, ASSERTION_REPLAYED */
  grant(assertion: string): Promise<{ readonly token: string; readonly seconds: number }>;
  principalOf(token: string): Promise<Principal | undefined>;
  forget(): Promise<void>;
}

export const ACCESS_PREFIX = 'zla_';
const ACCESS_SECONDS = 600;
const time = integer(0, 0xff_ffff_ffff);
const grantRecord = record({ client: text(32), expiresAt: time });
const usedRecord = record({ expiresAt: time });

/** The clients over these parts. */
export function createClients(parts: AccountParts): Clients {
  const { store, vault, locks, clock, random, trace, audience } = parts;
  const byId = async (id: string) => {
    const stored = await store.get(clientKey.client(id));
    return stored === undefined ? undefined : decodeClient(stored);
  };
  // Before the change: a kill in between leaves an act that was told and not done, never one that was done in silence.
  const tell = (actor: string, change: string, id: string) =>
    trace.append({
      kind: 'account',
      purpose: 'administration',
      actor,
      subject: null,
      outcome: 'done',
      detail: { change, client: id.slice(0, 12) },
    });
  const checked = async (assertion: string, client: Client | undefined) => {
    if (client?.state !== 'active') throw invalid();
    const { keys, id } = client;
    const { jti, expiresAt } = await checkAssertion(assertion, {
      ...{ client: id, keys, audience, now: clock() },
    });
    const key = `assertion/${vault.index('assertion', `${id}/${jti}`)}`;
    const token = ACCESS_PREFIX + toHex(random(32));
    await locks.hold(key, async () => {
      if ((await store.get(key)) !== undefined) {
        throw gatewayError('ASSERTION_REPLAYED', 'this assertion was used: make a new one');
      }
      const grant = { client: id, expiresAt: clock() + ACCESS_SECONDS };
      await store.write([
        { key, value: encodeCbor({ expiresAt }) },
        { key: grantKey(token), value: encodeCbor(grant) },
      ]);
    });
    return { token, id };
  };
  return {
    byId,
    async register({ name, roles, scope, keys }, actor) {
      const id = toHex(random(16));
      const client: Client = {
        ...{ id, name, roles, scope, keys, createdAt: clock() },
        state: 'active',
      };
      await tell(actor, 'register', id);
      await store.write([storeClient(client)]);
      return client;
    },
    async list() {
      const found: Client[] = [];
      for await (const { value } of store.range({ prefix: clientKey.clients() })) {
        found.push(decodeClient(value));
      }
      return found;
    },
    async disable(id, actor) {
      const client = await byId(id);
      if (client === undefined) throw gatewayError('CLIENT_UNKNOWN', 'there is no such client');
      const disabled: Client = { ...client, state: 'disabled' };
      await tell(actor, 'disabled', id);
      await store.write([storeClient(disabled)]);
      return disabled;
    },
    async grant(assertion) {
      const id = clientOfAssertion(assertion);
      const client = id === undefined ? undefined : await byId(id);
      try {
        const granted = await checked(assertion, client);
        await trace.append({
          kind: 'token',
          purpose: 'access',
          actor: clientLabel(granted.id),
          subject: null,
          outcome: 'done',
        });
        return { token: granted.token, seconds: ACCESS_SECONDS };
      } catch (error) {
        const outcome = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL';
        await trace.append({
          kind: 'token',
          purpose: 'access',
          actor: 'nobody',
          subject: null,
          outcome,
          ...(client === undefined ? {} : { detail: { client: client.id.slice(0, 12) } }),
        });
        throw error;
      }
    },
    async principalOf(token) {
      const stored = await store.get(grantKey(token));
      if (stored === undefined) return undefined;
      const grant = grantRecord(decodeCbor(stored), 'grant');
      const client = grant.expiresAt > clock() ? await byId(grant.client) : undefined;
      if (client?.state !== 'active') return undefined;
      const { id, roles, scope } = client;
      return { actor: clientLabel(id), roles, scope, how: 'machine-token' };
    },
    async forget() {
      const over: TableChange[] = [];
      for await (const { key, value } of store.range({ prefix: 'assertion/' })) {
        if (usedRecord(decodeCbor(value), 'assertion').expiresAt <= clock()) over.push({ key });
      }
      for await (const { key, value } of store.range({ prefix: 'grant/' })) {
        if (grantRecord(decodeCbor(value), 'grant').expiresAt <= clock()) over.push({ key });
      }
      await store.write(over);
    },
  };
}

function grantKey(token: string): string {
  return `grant/${toHex(sm3.hash(utf8(token)))}`;
}
