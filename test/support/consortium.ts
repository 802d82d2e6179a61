// SPDX-License-Identifier: Apache-2.0
// Two provinces and a regulator on the built contracts, and the requests of their daily work.
import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { sm2 } from '@zhenglian/guomi';
import { encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput, CborValue } from '@zhenglian/core/cbor';
import { formatUscc } from '@zhenglian/core/identifiers/uscc';
import { networkIdOf } from '@zhenglian/core/records/founding';
import { possessionPayload } from '@zhenglian/core/records/key';
import { asCbor } from '@zhenglian/core/shape';
import { compressKey, keyId, signFor } from '@zhenglian/core/signing';
import type { Purpose, Signer } from '@zhenglian/core/signing';
import { DRIVING } from '@zhenglian/core/types/driving';
import { createMemoryLedger } from './memory-stub.ts';
import type { MemoryLedger, MemoryResult } from './memory-stub.ts';
import { createOrganisation } from './organisation.ts';
import type { TestMember, TestOrganisation } from './organisation.ts';

/** An SM2 key of a test: made from its name, so that the same name is the same key. */
export interface TestKey extends Signer {
  readonly kid: Uint8Array;
}

/** One organisation with a member of each role. */
export interface TestParty extends TestOrganisation {
  readonly client: TestMember;
  readonly admin: TestMember;
  readonly peer: TestMember;
}

/** The consortium of a test. `run` gives what came of it, `submit` insists on success. */
export interface Consortium {
  readonly ledger: MemoryLedger;
  readonly definition: Uint8Array;
  readonly networkId: Uint8Array;
  readonly parties: Readonly<Record<'P44' | 'P33' | 'REG', TestParty>>;
  /** Transactions are a second apart unless a test sets this. */
  clock: number;
  run(
    by: TestMember,
    chaincode: string,
    name: string,
    request: CborInput,
    leaves?: Uint8Array,
  ): Promise<MemoryResult>;
  submit(
    by: TestMember,
    chaincode: string,
    name: string,
    request: CborInput,
    leaves?: Uint8Array,
  ): Promise<CborValue | undefined>;
  ask(by: TestMember, chaincode: string, name: string, request: CborInput): Promise<CborValue>;
  sign(key: TestKey, purpose: Purpose, payload: Uint8Array): Uint8Array;
}

/** Test bureaus of the two provinces. */
export const GUANGDONG = formatUscc(bureau('440100', '00000001'));
export const ZHEJIANG = formatUscc(bureau('330100', '00000002'));
export const START = 1_790_000_000;

/** Code of an error message, or OK. */
export function codeOf(result: MemoryResult): string {
  return result.status === 200 ? 'OK' : (result.message.split(':')[0] ?? '');
}

/** A key made from a name. */
export function testKey(name: string): TestKey {
  const secret = Uint8Array.from(createHash('sha256').update(`test key ${name}`).digest());
  secret[0] = 1;
  const publicKey = compressKey(sm2.publicKeyOf(secret));
  const sign = (message: Uint8Array) => sm2.sign(message, secret, { deterministic: true });
  return { publicKey, kid: keyId(publicKey), sign };
}

/** Makes the organisations; nothing is on the ledger yet. */
export async function createConsortium(given?: MemoryLedger): Promise<Consortium> {
  const ledger = given ?? (await createMemoryLedger());
  const parties = {
    P44: await createParty('P44'),
    P33: await createParty('P33'),
    REG: await createParty('REG'),
  };
  const definition = encodeCbor(foundingDefinition(Object.values(parties)));
  const networkId = networkIdOf(definition);
  const consortium: Consortium = {
    ledger,
    parties,
    definition,
    networkId,
    clock: START,
    run: (by, chaincode, name, request, leaves) =>
      ledger.submit({
        chaincode,
        name,
        request,
        by,
        at: (consortium.clock += 1),
        ...(leaves && { leaves }),
      }),
    async submit(by, chaincode, name, request, leaves) {
      const result = await consortium.run(by, chaincode, name, request, leaves);
      assert.equal(codeOf(result), 'OK', `${name}: ${result.message}`);
      return result.value;
    },
    async ask(by, chaincode, name, request) {
      const result = await ledger.evaluate({ chaincode, name, request, by, at: consortium.clock });
      assert.equal(codeOf(result), 'OK', `${name}: ${result.message}`);
      assert.equal(result.writes.size, 0);
      assert.ok(result.value !== undefined);
      return result.value;
    },
    sign: (key, purpose, payload) => signFor(key, { purpose, networkId, payload }),
  };
  return consortium;
}

/** A founded consortium with the type driving, an authority in each province and a key of each. */
export async function createWorkingConsortium(given?: MemoryLedger): Promise<Consortium> {
  const c = await createConsortium(given);
  await found(c);
  await enact(c, 'type', { definition: asCbor(DRIVING) });
  await enact(c, 'authority', authorityBody('P44', GUANGDONG));
  await enact(c, 'authority', authorityBody('P33', ZHEJIANG));
  await c.submit(c.parties.P44.client, 'zl', 'RegisterKey', keyRequest(c, 'P44', GUANGDONG, 'gd'));
  await c.submit(c.parties.P33.client, 'zl', 'RegisterKey', keyRequest(c, 'P33', ZHEJIANG, 'zj'));
  return c;
}

export async function found(c: Consortium): Promise<void> {
  await c.submit(c.parties.P44.admin, 'zl', 'Found', foundRequest(c));
}

export function foundRequest(c: Consortium) {
  const { definition } = c;
  const signatures = new Map(
    Object.values(c.parties).map(({ msp, admin }) => [msp, admin.sign(definition)]),
  );
  return { definition, signatures };
}

export function foundingDefinition(parties: readonly TestParty[]) {
  return {
    channel: 'zhenglian',
    k: 2,
    threshold: [2, 3],
    testIdentities: true,
    organisations: parties.map(({ msp, rootCertificate, admin }) => ({
      msp,
      ...(msp === 'REG'
        ? { kind: 'regulator' as const }
        : { kind: 'province' as const, prefix: msp.slice(1) }),
      name: { zh: msp, en: msp },
      rootCertificate,
      administrator: admin.certificate,
    })),
  };
}

let proposals = 0;

/** Opens a proposal. Returns its id. */
export async function propose(
  c: Consortium,
  by: TestMember,
  kind: string,
  body: CborInput,
): Promise<string> {
  const nonce = new Uint8Array(16);
  new DataView(nonce.buffer).setUint32(0, (proposals += 1));
  const id = await c.submit(by, 'zl', 'Propose', { kind, body, nonce });
  assert.ok(typeof id === 'string');
  return id;
}

/** Proposes, lets two of three approve, and enacts; gives what came of the enactment. */
export async function tryEnact(
  c: Consortium,
  kind: string,
  body: CborInput,
): Promise<MemoryResult> {
  const { P44, P33 } = c.parties;
  const id = await propose(c, P44.client, kind, body);
  await c.submit(P44.client, 'zl', 'Vote', { id, approve: true });
  await c.submit(P33.client, 'zl', 'Vote', { id, approve: true });
  return c.run(P44.client, 'zl', 'Enact', { id });
}

export async function enact(c: Consortium, kind: string, body: CborInput): Promise<void> {
  const result = await tryEnact(c, kind, body);
  assert.equal(codeOf(result), 'OK', result.message);
}

export function authorityBody(msp: string, uscc: string, change: Record<string, CborInput> = {}) {
  return {
    uscc,
    msp,
    name: { zh: '测试机关', en: 'Test bureau' },
    types: ['driving'],
    divisions: [msp.slice(1)],
    status: 'accredited',
    ...change,
  };
}

export function keyRequest(
  c: Consortium,
  msp: string,
  uscc: string,
  name: string,
  change: Record<string, CborInput> = {},
) {
  const key = testKey(name);
  return {
    uscc,
    publicKey: key.publicKey,
    types: ['driving'],
    notBefore: START - 86_400,
    notAfter: START + 86_400 * 365,
    possession: c.sign(key, 'possession', possessionPayload(msp, uscc, key.publicKey)),
    ...change,
  };
}

async function createParty(msp: string): Promise<TestParty> {
  const organisation = await createOrganisation(msp);
  return {
    ...organisation,
    client: await organisation.member('client'),
    admin: await organisation.member('admin'),
    peer: await organisation.member('peer'),
  };
}

function bureau(area: string, organisation: string) {
  return { department: '1', category: '1', area, organisation };
}
