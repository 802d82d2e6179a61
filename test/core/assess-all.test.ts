// SPDX-License-Identifier: Apache-2.0
// Many presentations assessed together: a bad one among them changes no other report.
import { expect } from 'chai';
import { assessAll, assessRead, readPresentation } from '@zhenglian/core/assess';
import type { Question } from '@zhenglian/core/assess';
import { draftCopies, draftCopy } from '@zhenglian/core/copy';
import { presentSlots } from '@zhenglian/core/presentation';
import { keyId } from '@zhenglian/core/signing';
import { readEpochEvidence, readTrustBundle } from '@zhenglian/core/trust';
import { BUSINESS } from '@zhenglian/core/types/business';
import { DRIVING } from '@zhenglian/core/types/driving';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { formatWire } from '@zhenglian/core/wire';
import {
  createSm2Signer,
  EvidenceMaker,
  inclusionOf,
  NOON,
  TODAY,
  USCC,
} from '../support/evidence-maker.ts';
import { SAMPLE_BUSINESS } from '../support/sample-fields.ts';

describe('core: many presentations at once', () => {
  let maker: EvidenceMaker;
  before(async () => {
    maker = await EvidenceMaker.create();
  });

  it('reports of each what it reports of it alone', () => {
    const copies = Array.from({ length: 9 }, (_, index) => maker.mint(index));
    const other = maker.mint(9, { type: BUSINESS, fields: SAMPLE_BUSINESS });
    const stranger = maker.mint(10, { signer: createSm2Signer() });
    const { networkId } = maker;
    const trust = readTrustBundle(maker.bundle(), { networkId });
    const asked = { uscc: USCC, epoch: 1 };
    const epoch = readEpochEvidence(maker.epoch(copies), trust, asked, { networkId });
    const policy = { networkId, act: 'general' };
    const about = (index: number) => ({ trust, epoch, inclusion: inclusionOf(copies, index) });
    const ask = (wire: Question['wire'], index: number): Question => {
      return { wire, facts: about(index), policy, now: NOON };
    };
    const wires = copies.map((copy) => presentSlots(copy, DRIVING, namesOf(DRIVING)));
    const [first, second, third] = wires;
    if (first === undefined || second === undefined || third === undefined) throw new Error('none');
    const questions = [
      ...wires.map((wire, i) => ask(readPresentation(formatWire(wire)), i)),
      ask({ ...first, signature: second.signature }, 0),
      ask({ ...second, proof: second.proof.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) }, 1),
      ask({ ...third, proof: third.proof.subarray(1) }, 2),
      ask({ ...third, mask: 2 ** 31 }, 2),
      ask(readPresentation('nothing'), 0),
      { ...ask(first, 0), facts: {} },
      ask(presentSlots(stranger, DRIVING, namesOf(DRIVING).slice(0, 3)), 0),
      ask(presentSlots(other, BUSINESS, namesOf(BUSINESS)), 1),
    ];
    const reports = assessAll(questions);
    for (const [i, { wire, facts, policy: own, now }] of questions.entries()) {
      expect(reports[i], String(i)).to.deep.equal(assessRead(wire, facts, own, now));
    }
    expect(reports.map(({ verdict }) => verdict)).to.deep.equal([
      ...wires.map(() => 'VALID'),
      ...['INVALID', 'INVALID', 'INVALID', 'INVALID', 'INVALID'],
      ...['UNDETERMINED', 'UNDETERMINED', 'UNDETERMINED'],
    ]);
    expect(assessAll([])).to.deep.equal([]);
  });

  it('drafts many copies as it drafts each', () => {
    const kid = keyId(maker.authoritySigner.publicKey);
    const orders = [DRIVING, BUSINESS, DRIVING].map((type, index) => ({
      type,
      epoch: 1,
      index,
      firstDay: TODAY,
      lastDay: TODAY + 1,
      holderKey: null,
      seed: new Uint8Array(16).fill(index),
      values: namesOf(type).map((name, i) => (i % 2 === 0 ? name : `${name} 号`)),
    }));
    expect(draftCopies(orders, kid)).to.deep.equal(orders.map((order) => draftCopy(order, kid)));
  });
});

function namesOf({ slots }: TypeDefinition): readonly string[] {
  return slots.map(({ name }) => name);
}
