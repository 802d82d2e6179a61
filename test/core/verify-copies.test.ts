// SPDX-License-Identifier: Apache-2.0
// Copies that no scenario of verify.test.ts makes: another copy's index, an unknown extension, areas, no licence at all.
import { expect } from 'chai';
import { copyPayload } from '@zhenglian/core/copy';
import type { Copy } from '@zhenglian/core/copy';
import { formatUscc } from '@zhenglian/core/identifiers/uscc';
import { presentSlots } from '@zhenglian/core/presentation';
import type { ReasonCode } from '@zhenglian/core/reasons';
import { CHECKS } from '@zhenglian/core/report';
import type { CheckName, Report } from '@zhenglian/core/report';
import { signFor } from '@zhenglian/core/signing';
import { BUSINESS } from '@zhenglian/core/types/business';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { DRIVING } from '@zhenglian/core/types/driving';
import { verify } from '@zhenglian/core/verify';
import { formatWire } from '@zhenglian/core/wire';
import { EvidenceMaker, NOON, inclusionOf } from '../support/evidence-maker.ts';
import { SAMPLE_BUSINESS } from '../support/sample-fields.ts';
import { runScenario } from '../support/verify-scenario.ts';

describe('verify: unusual copies', () => {
  let maker: EvidenceMaker;
  before(async () => {
    maker = await EvidenceMaker.create();
  });

  it('says INVALID of a signed copy whose index holds another one: ANCHOR_OTHER', () => {
    const anchored = maker.mint(3);
    const report = runScenario(maker, {
      evidence: (evidence) => ({
        ...evidence,
        epoch: maker.epoch([anchored]),
        inclusion: inclusionOf([anchored], 3),
      }),
    });
    expect(reasonOf(report, 'signature')).to.equal('OK');
    expect(reasonOf(report, 'anchor')).to.equal('ANCHOR_OTHER');
    expect(report.verdict).to.equal('INVALID');
  });

  it('says UNDETERMINED of a genuine copy with an extension it does not know', () => {
    const unsigned = { ...maker.mint(3), extensions: new Map([[9, 1]]) };
    const content = {
      purpose: 'licence',
      networkId: maker.networkId,
      payload: copyPayload(unsigned, DRIVING),
    } as const;
    const copy: Copy = { ...unsigned, signature: signFor(maker.authoritySigner, content) };
    const evidence = {
      bundle: maker.bundle(),
      epoch: maker.epoch([copy]),
      inclusion: inclusionOf([copy], 3),
    };
    const report = verify(showAll(copy, DRIVING), evidence, policyOf(maker), NOON);
    expect(reasonOf(report, 'format')).to.equal('EXTENSION_UNKNOWN');
    expect(report.checks.filter(({ outcome }) => outcome !== 'pass')).to.have.length(1);
    expect(report.verdict).to.equal('UNDETERMINED');
  });

  for (const [area, reason, verdict] of [
    ['330106', 'OK', 'VALID'],
    ['440300', 'SCOPE_DIVISION', 'INVALID'],
    ['999999', 'OK', 'VALID'],
  ] as const) {
    it(`says ${verdict} of a business of ${area} licensed in 33: ${reason}`, () => {
      const uscc = formatUscc({ department: '9', category: '1', area, organisation: 'MA000001' });
      const copy = maker.mint(3, { type: BUSINESS, fields: { ...SAMPLE_BUSINESS, uscc } });
      const types = ['business'];
      const evidence = {
        bundle: maker.bundle({ types: [BUSINESS], keyTypes: types, authorityTypes: types }),
        epoch: maker.epoch([copy], { type: BUSINESS }),
        inclusion: inclusionOf([copy], 3, BUSINESS),
      };
      const report = verify(showAll(copy, BUSINESS), evidence, policyOf(maker), NOON);
      expect(reasonOf(report, 'scope')).to.equal(reason);
      expect(report.verdict).to.equal(verdict);
    });
  }

  it('checks nothing more of a text that is no licence', () => {
    const report = verify('ZL1:', { bundle: maker.bundle() }, policyOf(maker), NOON);
    expect(report.verdict).to.equal('INVALID');
    expect(report.checks.slice(1).map(({ reason }) => reason)).to.have.members(
      CHECKS.slice(1).map(() => 'NOT_CHECKED'),
    );
  });
});

function showAll(copy: Copy, type: TypeDefinition): string {
  return formatWire(presentSlots(copy, type, [type.subject, 'serial', 'version']));
}

function policyOf({ networkId }: EvidenceMaker) {
  return { networkId, act: 'general' };
}

function reasonOf(report: Report, check: CheckName): ReasonCode | undefined {
  return report.checks.find(({ name }) => name === check)?.reason;
}
