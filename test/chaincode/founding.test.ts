// SPDX-License-Identifier: Apache-2.0
// Founding through the built bundle (docs/ledger.md §2).
import { expect } from 'chai';
import { encodeCbor } from '@zhenglian/core/cbor';
import { parseTrustBundle } from '@zhenglian/core/records/trust-bundle';
import { asCbor } from '@zhenglian/core/shape';
import {
  codeOf,
  createConsortium,
  found,
  foundingDefinition,
  foundRequest,
  GUANGDONG,
} from '../support/consortium.ts';
import type { Consortium } from '../support/consortium.ts';
import { createOrganisation } from '../support/organisation.ts';

describe('Found', () => {
  let c: Consortium;
  beforeEach(async () => {
    c = await createConsortium();
  });

  it('founds once, with every founder signing', async () => {
    const { P44, P33 } = c.parties;
    await found(c);
    const bundle = parseTrustBundle(await c.ask(P33.client, 'zl', 'TrustBundle', {}));
    expect(bundle.networkId).to.deep.equal(c.networkId);
    expect(bundle.definition).to.deep.equal(c.definition);
    expect(bundle.organisations.map((o) => [o.msp, o.status, o.rev])).to.deep.equal([
      ['P33', 'admitted', 1],
      ['P44', 'admitted', 1],
      ['REG', 'admitted', 1],
    ]);
    expect(bundle.version).to.equal(4);
    expect(codeOf(await c.run(P44.admin, 'zl', 'Found', foundRequest(c)))).to.equal(
      'ALREADY_FOUNDED',
    );
  });

  it('refuses everything before the founding', async () => {
    const { client } = c.parties.P44;
    const request = { uscc: GUANGDONG, epoch: 1, instance: 'a' };
    for (const [chaincode, name, body] of [
      ['zl', 'Propose', {}],
      ['zl', 'TrustBundle', {}],
      ['zl', 'Proposals', {}],
      ['zl', 'KeyScope', { msp: 'P44' }],
      ['zl-p44', 'OpenEpoch', request],
    ] as const) {
      expect(codeOf(await c.run(client, chaincode, name, body)), name).to.equal('NOT_FOUNDED');
    }
  });

  it('refuses a signature that is missing, foreign, over other bytes or one too many', async () => {
    const { P44, P33, REG } = c.parties;
    const { definition, signatures } = foundRequest(c);
    const good = [...signatures];
    const forgeries: [string, Map<string, Uint8Array>][] = [
      ['missing', new Map(good.slice(1))],
      ['foreign', new Map([...good, ['REG', P44.admin.sign(definition)]])],
      ['not of the administrator', new Map([...good, ['REG', REG.client.sign(definition)]])],
      ['other bytes', new Map([...good, ['P33', P33.admin.sign(encodeCbor('no'))]])],
      ['one too many', new Map([...good, ['P11', P33.admin.sign(definition)]])],
    ];
    for (const [what, forged] of forgeries) {
      const result = await c.run(P44.admin, 'zl', 'Found', { definition, signatures: forged });
      expect(codeOf(result), what).to.equal('SIGNATURE_INVALID');
    }
  });

  it('refuses a caller that is not listed, and a peer', async () => {
    const stranger = await (await createOrganisation('P11')).member('admin');
    for (const by of [stranger, c.parties.P44.peer]) {
      expect(codeOf(await c.run(by, 'zl', 'Found', foundRequest(c)))).to.equal('ACCESS_DENIED');
    }
  });

  it('refuses a definition that cannot be a network', async () => {
    const { P44, P33, REG } = c.parties;
    const good = foundingDefinition([P44, P33, REG]);
    const [gd, zj, reg] = good.organisations;
    const fellow = { ...zj, administrator: P44.admin.certificate };
    const clerk = { ...zj, administrator: P33.client.certificate };
    const bad: Record<string, object> = {
      'another channel': { ...good, channel: 'other' },
      'k over all': { ...good, k: 4 },
      'k of one': { ...good, k: 1 },
      'half a threshold': { ...good, threshold: [1, 2] },
      'over one': { ...good, threshold: [3, 2] },
      'three numbers': { ...good, threshold: [2, 3, 4] },
      alone: { ...good, organisations: [gd] },
      'no province': { ...good, organisations: [reg, { ...reg, msp: 'REGB' }] },
      twice: { ...good, organisations: [gd, gd, zj] },
      'shared root': {
        ...good,
        organisations: [gd, zj, { ...reg, rootCertificate: P33.rootCertificate }],
      },
      'wrong prefix': { ...good, organisations: [gd, { ...zj, prefix: '44' }] },
      'no such province': { ...good, organisations: [gd, { ...zj, msp: 'P99', prefix: '99' }] },
      'prefixed regulator': { ...good, organisations: [gd, { ...reg, prefix: '33' }] },
      'foreign administrator': { ...good, organisations: [gd, fellow] },
      'no administrator': { ...good, organisations: [gd, clerk] },
      'unknown field': { ...good, more: 1 },
    };
    for (const [what, definition] of Object.entries(bad)) {
      const bytes = encodeCbor(asCbor(definition));
      const signatures = new Map([['P44', P44.admin.sign(bytes)]]);
      const result = await c.run(P44.admin, 'zl', 'Found', { definition: bytes, signatures });
      expect(codeOf(result), what).to.equal('FOUNDING_INVALID');
    }
    const signatures = new Map([['P44', P44.admin.sign(Uint8Array.of(0xff))]]);
    const request = { definition: Uint8Array.of(0xff), signatures };
    expect(codeOf(await c.run(P44.admin, 'zl', 'Found', request))).to.equal('FOUNDING_INVALID');
  });
});
