// SPDX-License-Identifier: Apache-2.0
// What verify does with evidence it does not believe, what it reports, and what it does with nonsense.
import { expect } from 'chai';
import { keyId } from '@zhenglian/core/signing';
import { verify } from '@zhenglian/core/verify';
import type { Evidence, VerifyPolicy } from '@zhenglian/core/verify';
import { EvidenceMaker, NOON } from '../support/evidence-maker.ts';
import { now, runScenario } from '../support/verify-scenario.ts';

describe('verify and its evidence', () => {
  let maker: EvidenceMaker;
  before(async () => {
    maker = await EvidenceMaker.create();
  });

  const refusals: readonly (readonly [
    string,
    string,
    (e: Evidence) => Evidence,
    Partial<VerifyPolicy>,
  ])[] = [
    ['ANSWER_OLDER', 'bundle', (e) => e, { leastVersions: { bundle: 11 } }],
    ['ANSWER_OLDER', 'epoch', (e) => e, { leastVersions: { epoch: 6 } }],
    ['ANSWER_QUESTION', 'bundle', (e) => e, { nonce: new Uint8Array(16) }],
    ['ANSWER_NETWORK', 'bundle', (e) => e, { networkId: new Uint8Array(32) }],
    ['ANSWER_SHAPE', 'bundle', (e) => (e.epoch ? { ...e, bundle: e.epoch } : e), {}],
    ['ANSWER_QUESTION', 'epoch', (e) => (e.bundle ? { ...e, epoch: e.bundle } : e), {}],
    [
      'ANSWER_FEW',
      'epoch',
      (e) =>
        e.epoch
          ? { ...e, epoch: { ...e.epoch, endorsements: e.epoch.endorsements.slice(0, 1) } }
          : e,
      {},
    ],
  ];
  for (const [code, part, evidence, policy] of refusals) {
    it(`does not believe a ${part}: ${code}`, () => {
      const report = runScenario(maker, { evidence, policy });
      expect(report.refused[part as 'bundle' | 'epoch']).to.equal(code);
      expect(report.verdict).to.equal('UNDETERMINED');
    });
  }

  it('names issuer, number, fields and evidence of a good licence', () => {
    const { licence, evidence, holder: level } = runScenario(maker, {});
    expect(licence?.issuer?.msp).to.equal('P33');
    expect(licence?.number).to.match(
      /^1\.2\.156\.3005\.2\.11100000000013127D002\..*\.A5A5A5A5A5A5A5A5\.001\.[0-9A-Z]$/,
    );
    expect(licence?.fields.map((f) => f.name)).to.eql(['name', 'serial', 'version']);
    expect(licence?.kid).to.equal(
      Buffer.from(keyId(maker.authoritySigner.publicKey)).toString('hex'),
    );
    expect(evidence.epoch).to.include({ at: NOON, age: 125, version: 5 });
    expect(level).to.equal('document');
  });

  it('answers any text, however long or strange, and does not throw', () => {
    for (const text of ['', 'ZL1:', 'ZL1:'.repeat(300_000), 'https://example.com', '\u0000']) {
      const report = verify(text, {}, { networkId: maker.networkId, act: 'general' }, now);
      expect(report.verdict).to.equal('INVALID');
      expect(report.checks).to.have.length(10);
    }
  });
});
