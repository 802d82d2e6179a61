// SPDX-License-Identifier: Apache-2.0
// A whole life on the ledger against its vector: same answers, same bytes of state, whatever the contracts are made of.
import { expect } from 'chai';
import { decodeCbor } from '@zhenglian/core/cbor';
import { parseEpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import { parseTrustBundle } from '@zhenglian/core/records/trust-bundle';
import { codeOf } from '../support/consortium.ts';
import { answerOf, dumpAll, readLife } from '../support/ledger-life.ts';
import { createMemoryLedger } from '../support/memory-stub.ts';

describe('A life on the ledger', () => {
  const life = readLife();

  it('gives the answers and the state of the vector', async () => {
    const ledger = await createMemoryLedger();
    for (const step of life.steps) {
      const { chaincode, name, msp, at, leaves } = step;
      const certificatePem = life.certificates[step.certificate] ?? '';
      const call = {
        chaincode,
        name,
        at,
        by: { msp, certificatePem },
        request: decodeCbor(Buffer.from(step.request, 'hex')),
        ...(leaves !== undefined && { leaves: Buffer.from(leaves, 'hex') }),
      };
      const result = await (step.kind === 'question' ? ledger.evaluate(call) : ledger.submit(call));
      expect(codeOf(result), `${name} at ${String(at)}: ${result.message}`).to.equal(step.code);
      expect(answerOf(result), name).to.equal(step.answer);
    }
    expect(dumpAll(ledger)).to.deep.equal(life.state);
  });

  it('holds a burn, a batch refused after it, and what the world may know at the end', () => {
    const codes = life.steps.filter((s) => s.name === 'SubmitBatch').map((s) => s.code);
    expect(codes).to.deep.equal(['OK', 'KEY_BURNED', 'OK']);
    const answer = (name: string) => {
      const step = life.steps.find((s) => s.name === name);
      return decodeCbor(Buffer.from(step?.answer ?? '', 'hex'));
    };
    const bundle = parseTrustBundle(answer('TrustBundle'));
    expect(bundle.keys.filter((k) => k.burned !== undefined)).to.have.length(1);
    expect(bundle.rules[0]?.rule?.to).to.equal('P33');
    const evidence = parseEpochEvidence(answer('EpochEvidence'));
    expect(evidence.covered).to.equal(8);
    expect(evidence.statuses.map((s) => [s.index, s.state, s.seq])).to.deep.equal([
      [2, 'revoked', 3],
      [7, 'revoked', 1],
    ]);
  });
});
