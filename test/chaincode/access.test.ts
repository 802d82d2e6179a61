// SPDX-License-Identifier: Apache-2.0
// Who may ask and call what, and a fourth licence type that enters by vote (docs/ledger.md §2, §6).
import { expect } from 'chai';
import { decodeCbor } from '@zhenglian/core/cbor';
import { recordKey } from '@zhenglian/core/records/record-key';
import { parseTrustBundle } from '@zhenglian/core/records/trust-bundle';
import { asCbor } from '@zhenglian/core/shape';
import { DRIVING } from '@zhenglian/core/types/driving';
import { parseTypeDefinition } from '@zhenglian/core/types/definition';
import {
  authorityBody,
  codeOf,
  createWorkingConsortium,
  enact,
  GUANGDONG,
  keyRequest,
  propose,
  testKey,
  tryEnact,
} from '../support/consortium.ts';
import { batchRequest, testLeaves } from '../support/consortium-requests.ts';
import { createOrganisation } from '../support/organisation.ts';

describe('A fourth licence type', () => {
  it('enters by vote only, and is then as good as any other', async () => {
    const c = await createWorkingConsortium();
    const { client } = c.parties.P44;
    const register = { ...DRIVING, code: 'household-register', number: 4 };
    const types = ['driving', 'household-register'];
    const accredited = authorityBody('P44', GUANGDONG, { types });
    const type = 'household-register';
    const leaves = testLeaves(3);
    const key = testKey('hr');
    const request = keyRequest(c, 'P44', GUANGDONG, 'hr', { types: [type] });
    const batch = batchRequest(c, leaves, { type }, { key });
    await c.submit(client, 'zl-p44', 'OpenEpoch', { uscc: GUANGDONG, epoch: 1, instance: 'a' });

    expect(codeOf(await tryEnact(c, 'authority', accredited))).to.equal('PROPOSAL_INVALID');
    const id = await propose(c, client, 'type', { definition: asCbor(register) });
    await c.submit(client, 'zl', 'Vote', { id, approve: true });
    expect(codeOf(await c.run(client, 'zl', 'Enact', { id }))).to.equal('THRESHOLD_NOT_REACHED');
    expect(codeOf(await c.run(client, 'zl', 'RegisterKey', request))).to.equal('SCOPE');

    await c.submit(c.parties.P33.client, 'zl', 'Vote', { id, approve: true });
    await c.submit(client, 'zl', 'Enact', { id });
    await enact(c, 'authority', accredited);
    await c.submit(client, 'zl', 'RegisterKey', request);
    const old = batchRequest(c, leaves, { type });
    expect(codeOf(await c.run(client, 'zl-p44', 'SubmitBatch', old, leaves))).to.equal('SCOPE');
    await c.submit(client, 'zl-p44', 'SubmitBatch', batch, leaves);

    const bundle = parseTrustBundle(await c.ask(client, 'zl', 'TrustBundle', {}));
    const codes = bundle.types.map((t) => parseTypeDefinition(t.definition).code);
    expect(codes).to.deep.equal(['driving', 'household-register']);
  });
});

describe('Access', () => {
  it('refuses strangers, peers and the expelled on every transaction of zl', async () => {
    const c = await createWorkingConsortium();
    const stranger = await (await createOrganisation('P11')).member('client');
    const names = ['Propose', 'Vote', 'Enact', 'RegisterKey', 'BurnKey', 'SubmitRule'];
    const { peer, member } = { peer: c.parties.P44.peer, member: c.parties.P44.member };
    const both = await member('client', 'peer');
    const nothing = await member();
    for (const by of [stranger, peer, both, nothing]) {
      for (const name of [...names, 'WithdrawRule']) {
        expect(codeOf(await c.run(by, 'zl', name, {})), name).to.equal('ACCESS_DENIED');
      }
    }
  });

  it('names its codes for unknown functions and malformed requests', async () => {
    const c = await createWorkingConsortium();
    const { client } = c.parties.P44;
    expect(codeOf(await c.run(client, 'zl', 'Delete', {}))).to.equal('UNKNOWN_FUNCTION');
    expect(codeOf(await c.run(client, 'zl-p44', 'Delete', {}))).to.equal('UNKNOWN_FUNCTION');
    for (const request of [null, [], { more: 1 }, { id: 'x', approve: 1 }]) {
      expect(codeOf(await c.run(client, 'zl', 'Vote', request))).to.equal('REQUEST_INVALID');
    }
  });

  it('knows each function by its own name alone: who reads blocks would not see another one', async () => {
    const c = await createWorkingConsortium();
    const { client } = c.parties.P44;
    for (const [chaincode, name, contract] of [
      ['zl', 'BurnKey', 'zl'],
      ['zl-p44', 'SetStatuses', 'zl-province'],
      ['zl-p44', 'OpenEpoch', ''],
    ] as const) {
      const alias = `${contract}:${name}`;
      expect(codeOf(await c.run(client, chaincode, alias, {})), alias).to.equal('UNKNOWN_FUNCTION');
      expect(codeOf(await c.run(client, chaincode, name, {})), name).to.equal('REQUEST_INVALID');
    }
  });

  it('answers a record as it is written, or NOT_FOUND', async () => {
    const c = await createWorkingConsortium();
    const { client } = c.parties.REG;
    const key = recordKey.organisation('P44');
    const record = await c.ask(client, 'zl', 'Record', { key });
    const stored = Buffer.from(c.ledger.dump('zl').get(key) ?? '', 'hex');
    expect(record).to.deep.equal(decodeCbor(stored));
    const absent = await c.run(client, 'zl', 'Record', { key: 'org/P99' });
    expect(codeOf(absent)).to.equal('NOT_FOUND');
  });
});
