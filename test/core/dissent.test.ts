// SPDX-License-Identifier: Apache-2.0
// Who signed otherwise than the others: told with its words when its signature holds on this very question, and never by anybody's mere claim.
import { expect } from 'chai';
import { utf8 } from '@zhenglian/core/bytes';
import { decodeAnswer, encodeAnswer } from '@zhenglian/core/cosigned-answer';
import type { CosignedAnswer, Dissent } from '@zhenglian/core/cosigned-answer';
import { EvidenceMaker } from '../support/evidence-maker.ts';
import { runScenario } from '../support/verify-scenario.ts';
import type { Scenario } from '../support/verify-scenario.ts';

type Epoch = NonNullable<Scenario['epoch']>;

describe('dissent', () => {
  let maker: EvidenceMaker;
  before(async () => {
    maker = await EvidenceMaker.create();
  });

  /** A check whose epoch's evidence an organisation signed otherwise; `bend` changes its dissent. */
  const check = (epoch: Epoch, bend: (dissent: Dissent, answer: CosignedAnswer) => Dissent) =>
    runScenario(maker, {
      epoch,
      evidence: (evidence) => {
        const answer = evidence.epoch && decodeAnswer(encodeAnswer(evidence.epoch));
        const [dissent] = answer?.dissent ?? [];
        if (!answer || !dissent) return evidence;
        return { ...evidence, epoch: { ...answer, dissent: [bend(dissent, answer)] } };
      },
    });
  const asItIs = (dissent: Dissent) => dissent;

  it('is named, with what it says of this copy; the verdict stays that of the others', () => {
    const hidden = check({ statuses: [[3, 'revoked']], lie: [] }, asItIs);
    expect(hidden.verdict).to.equal('REVOKED');
    expect(hidden.dissent).to.eql([{ about: 'epoch', msp: 'REG', state: 'valid' }]);
    const slander = check({ lie: [[3, 'suspended']] }, asItIs);
    expect(slander.verdict).to.equal('VALID');
    expect(slander.dissent).to.eql([{ about: 'epoch', msp: 'REG', state: 'suspended' }]);
  });

  it('is nothing where nobody said otherwise, or the same in other bytes', () => {
    expect(check({}, asItIs).dissent).to.eql([]);
    expect(check({ lie: [] }, asItIs).dissent).to.eql([]);
  });

  it('is nobody’s word without that organisation’s own signature on this question', () => {
    const lie: Epoch = { lie: [[3, 'revoked']] };
    const flipped = ({ signature, ...rest }: Dissent) => {
      const bent = new Uint8Array(signature);
      bent[20] = (bent[20] ?? 0) ^ 1;
      return { ...rest, signature: bent };
    };
    const bends: readonly ((dissent: Dissent, answer: CosignedAnswer) => Dissent)[] = [
      flipped,
      (dissent, { endorsements: [other] }) => ({
        ...dissent,
        endorser: other?.endorser ?? new Uint8Array(0),
      }),
      (dissent) => ({ ...dissent, endorser: utf8('nobody') }),
      (dissent) => ({ ...dissent, payload: utf8('nothing') }),
    ];
    for (const bend of bends) expect(check(lie, bend).dissent).to.eql([]);
    const elsewhere = maker.epoch([maker.mint(0)], lie).dissent?.[0];
    expect(check(lie, () => elsewhere ?? raise()).dissent).to.eql([]);
  });

  it('tells of a bundle that somebody signed otherwise', () => {
    const { dissent, verdict } = runScenario(maker, {
      evidence: (evidence) => {
        const { bundle } = evidence;
        return bundle ? { ...evidence, bundle: maker.withDissent(bundle, 'zl', {}) } : evidence;
      },
    });
    expect([verdict, dissent]).to.eql(['VALID', [{ about: 'bundle', msp: 'REG' }]]);
  });

  it('that cannot be read as evidence says nothing of the copy', () => {
    const { dissent } = runScenario(maker, {
      evidence: (evidence) => {
        const { epoch } = evidence;
        return epoch ? { ...evidence, epoch: maker.withDissent(epoch, 'zl-p33', 7) } : evidence;
      },
    });
    expect(dissent).to.eql([{ about: 'epoch', msp: 'REG' }]);
  });
});

function raise(): never {
  throw new Error('the maker made no dissent');
}
