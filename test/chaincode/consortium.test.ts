// SPDX-License-Identifier: Apache-2.0
// Proposals and votes through the built bundle (docs/ledger.md §2, §3, §6).
import { expect } from 'chai';
import type { CborInput } from '@zhenglian/core/cbor';
import { parseProposals } from '@zhenglian/core/records/proposal';
import { parseTrustBundle } from '@zhenglian/core/records/trust-bundle';
import { asCbor } from '@zhenglian/core/shape';
import { DRIVING } from '@zhenglian/core/types/driving';
import type { SlotTree } from '@zhenglian/core/types/definition';
import {
  authorityBody,
  codeOf,
  createConsortium,
  enact,
  found,
  GUANGDONG,
  keyRequest,
  propose,
  tryEnact,
} from '../support/consortium.ts';
import type { Consortium } from '../support/consortium.ts';
import { createOrganisation } from '../support/organisation.ts';

describe('Propose, Vote, Enact', () => {
  let c: Consortium;
  beforeEach(async () => {
    c = await createConsortium();
    await found(c);
  });

  it('enacts what two of three approved, and lists who did', async () => {
    const { P44, P33, REG } = c.parties;
    const id = await propose(c, P44.client, 'policy', policy());
    await c.submit(P44.client, 'zl', 'Vote', { id, approve: true });
    await c.submit(REG.client, 'zl', 'Vote', { id, approve: false });
    expect(codeOf(await c.run(P33.client, 'zl', 'Enact', { id }))).to.equal(
      'THRESHOLD_NOT_REACHED',
    );
    await c.submit(P33.admin, 'zl', 'Vote', { id, approve: true });
    await c.submit(REG.client, 'zl', 'Enact', { id });
    const [proposal] = parseProposals(await c.ask(REG.client, 'zl', 'Proposals', {}));
    expect(proposal?.status).to.equal('enacted');
    expect(proposal?.rev).to.equal(2);
    expect([...(proposal?.votes ?? [])]).to.deep.equal([
      ['P33', true],
      ['P44', true],
      ['REG', false],
    ]);
    const again = { id, approve: true };
    expect(codeOf(await c.run(P33.client, 'zl', 'Vote', again))).to.equal('PROPOSAL_CLOSED');
    expect(codeOf(await c.run(P33.client, 'zl', 'Enact', { id }))).to.equal('PROPOSAL_CLOSED');
    const bundle = parseTrustBundle(await c.ask(P44.client, 'zl', 'TrustBundle', {}));
    expect(bundle.policies.map((p) => p.act)).to.deep.equal(['general']);
  });

  it('refuses a second vote, an unknown proposal and the same proposal again', async () => {
    const { client } = c.parties.P44;
    const id = await propose(c, client, 'policy', policy());
    await c.submit(client, 'zl', 'Vote', { id, approve: false });
    const change = { id, approve: true };
    expect(codeOf(await c.run(client, 'zl', 'Vote', change))).to.equal('ALREADY_VOTED');
    const unknown = { id: '0'.repeat(32), approve: true };
    expect(codeOf(await c.run(client, 'zl', 'Vote', unknown))).to.equal('NOT_FOUND');
    const request = { kind: 'policy', body: policy(), nonce: new Uint8Array(16) };
    await c.submit(client, 'zl', 'Propose', request);
    expect(codeOf(await c.run(client, 'zl', 'Propose', request))).to.equal('EXISTS');
  });

  it('lets no province accredit itself', async () => {
    await enact(c, 'type', { definition: asCbor(DRIVING) });
    const { client } = c.parties.P44;
    const id = await propose(c, client, 'authority', authorityBody('P44', GUANGDONG));
    await c.submit(client, 'zl', 'Vote', { id, approve: true });
    expect(codeOf(await c.run(client, 'zl', 'Enact', { id }))).to.equal('THRESHOLD_NOT_REACHED');
    const key = keyRequest(c, 'P44', GUANGDONG, 'gd');
    expect(codeOf(await c.run(client, 'zl', 'RegisterKey', key))).to.equal('NOT_FOUND');
  });

  it('refuses a proposal that could never be a record', async () => {
    const { P44 } = c.parties;
    const bodies: [string, CborInput][] = [
      ['policy', { act: 'general' }],
      ['authority', authorityBody('P44', GUANGDONG.slice(0, 17) + '!')],
      ['authority', authorityBody('P44', `${GUANGDONG.slice(0, 17)}0`)],
      ['authority', authorityBody('P44', GUANGDONG, { divisions: [] })],
      ['authority', authorityBody('P44', GUANGDONG, { types: ['driving', 'driving'] })],
      ['organisation', organisation(P44.rootCertificate, { msp: 'P45', prefix: '46' })],
      ['organisation', organisation(P44.client.certificate, { msp: 'P45', prefix: '45' })],
      ['organisation', organisation(Uint8Array.of(1), { msp: 'P45', prefix: '45' })],
      ['type', { definition: { code: 'driving' } }],
      ['burn', { kid: new Uint8Array(7), lastGood: new Map() }],
      ['policy', { ...policy(), more: new Uint8Array(70_000) }],
    ];
    for (const [kind, body] of bodies) {
      const request = { kind, body, nonce: new Uint8Array(16) };
      const result = await c.run(P44.client, 'zl', 'Propose', request);
      expect(codeOf(result), kind).to.equal('PROPOSAL_INVALID');
    }
    const unknown = { kind: 'coup', body: {}, nonce: new Uint8Array(16) };
    expect(codeOf(await c.run(P44.client, 'zl', 'Propose', unknown))).to.equal('REQUEST_INVALID');
  });

  it('refuses to enact an authority outside its province or for an unknown type', async () => {
    await enact(c, 'type', { definition: asCbor(DRIVING) });
    const bad = [
      authorityBody('P33', GUANGDONG),
      authorityBody('P44', GUANGDONG, { divisions: ['33'] }),
      authorityBody('P44', GUANGDONG, { types: ['household-register'] }),
      authorityBody('REG', GUANGDONG, { divisions: ['44'] }),
    ];
    for (const body of bad) {
      expect(codeOf(await tryEnact(c, 'authority', body))).to.equal('PROPOSAL_INVALID');
    }
    const nobody = authorityBody('P50', GUANGDONG, { divisions: ['50'] });
    expect(codeOf(await tryEnact(c, 'authority', nobody))).to.equal('NOT_FOUND');
    const test = authorityBody('P44', GUANGDONG, { divisions: ['44', '999999'] });
    expect(codeOf(await tryEnact(c, 'authority', test))).to.equal('OK');
    const moved = authorityBody('P33', GUANGDONG, { divisions: ['33'] });
    expect(codeOf(await tryEnact(c, 'authority', moved))).to.equal('PROPOSAL_INVALID');
  });

  it('admits and expels organisations, but never below k', async () => {
    const sichuan = await createOrganisation('P51');
    const body = organisation(sichuan.rootCertificate, { msp: 'P51', prefix: '51' });
    const client = await sichuan.member('client');
    expect(codeOf(await c.run(client, 'zl', 'Propose', {}))).to.equal('ACCESS_DENIED');
    await enact(c, 'organisation', body);
    await propose(c, client, 'policy', policy());
    const copied = organisation(sichuan.rootCertificate, { msp: 'P52', prefix: '52' });
    expect(codeOf(await tryEnact(c, 'organisation', copied))).to.equal('THRESHOLD_NOT_REACHED');
    const { REG, P44, P33 } = c.parties;
    const gone = { ...body, status: 'expelled' };
    const id = await propose(c, P44.client, 'organisation', gone);
    for (const { client: by } of [REG, P44, P33]) {
      await c.submit(by, 'zl', 'Vote', { id, approve: true });
    }
    await c.submit(P44.client, 'zl', 'Enact', { id });
    expect(codeOf(await c.run(client, 'zl', 'Propose', {}))).to.equal('ACCESS_DENIED');
    expect(codeOf(await tryEnact(c, 'organisation', copied))).to.equal('PROPOSAL_INVALID');
    const noReg = organisation(REG.rootCertificate, { kind: 'regulator', msp: 'REG' });
    await enact(c, 'organisation', { ...noReg, status: 'expelled' });
    const noP33 = organisation(P33.rootCertificate, { msp: 'P33', prefix: '33' });
    const last = await tryEnact(c, 'organisation', { ...noP33, status: 'expelled' });
    expect(codeOf(last)).to.equal('PROPOSAL_INVALID');
  });

  it('keeps one code a number and versions in order', async () => {
    const definition = (change: object) => ({ definition: asCbor({ ...DRIVING, ...change }) });
    await enact(c, 'type', definition({}));
    expect(codeOf(await tryEnact(c, 'type', definition({})))).to.equal('EXISTS');
    for (const change of [
      { version: 3 },
      { version: 2, number: 77 },
      { code: 'other' },
      { code: 'other', version: 2 },
    ]) {
      const result = await tryEnact(c, 'type', definition(change));
      expect(codeOf(result), JSON.stringify(change)).to.equal('PROPOSAL_INVALID');
    }
    await enact(c, 'type', definition({ version: 2 }));
  });

  it('carries the deepest type that may be defined in the bundle and the list', async () => {
    await enact(c, 'type', { definition: asCbor({ ...DRIVING, tree: deepTree(12) }) });
    const tooDeep = { definition: asCbor({ ...DRIVING, version: 2, tree: deepTree(13) }) };
    const request = { kind: 'type', body: tooDeep, nonce: new Uint8Array(16) };
    const refused = await c.run(c.parties.P44.client, 'zl', 'Propose', request);
    expect(codeOf(refused)).to.equal('PROPOSAL_INVALID');
    const { client } = c.parties.REG;
    const bundle = parseTrustBundle(await c.ask(client, 'zl', 'TrustBundle', {}));
    expect(bundle.types).to.have.length(1);
    expect(parseProposals(await c.ask(client, 'zl', 'Proposals', {}))).to.have.length(1);
  });
});

/** The slots of the driving licence in a chain, but for the last five or six: three levels more. */
function deepTree(depth: number): SlotTree {
  const names = DRIVING.slots.map((slot) => slot.name);
  const rest = balanced(names.slice(depth - 3));
  return names.slice(0, depth - 3).reduceRight<SlotTree>((inner, name) => [name, inner], rest);
}

function balanced(names: readonly string[]): SlotTree {
  const middle = Math.ceil(names.length / 2);
  return names.length === 1
    ? (names[0] ?? '')
    : [balanced(names.slice(0, middle)), balanced(names.slice(middle))];
}

function policy() {
  return {
    act: 'general',
    label: { zh: '一般', en: 'General' },
    maxBundleAge: 86_400,
    maxStatusAge: 86_400,
    leastHolder: 'document',
    leastAnchor: 'covered',
  };
}

function organisation(rootCertificate: Uint8Array, change: Record<string, CborInput>) {
  const name = { zh: '省', en: 'Province' };
  return { kind: 'province', name, rootCertificate, status: 'admitted', ...change };
}
