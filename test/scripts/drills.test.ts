// SPDX-License-Identifier: Apache-2.0
// The drills without a network: each is in the documents with a print of its own, and what they count with cannot count wrongly.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { anchorRoot } from '@zhenglian/core/anchor';
import { concat } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { CodedError } from '@zhenglian/core/errors';
import { batchesOf } from '../../scripts/drills/chain.ts';
import { drillLeaves } from '../../scripts/drills/issuer.ts';
import { revokeOnce } from '../../scripts/drills/revocations.ts';
import { steady, submitOnce } from '../../scripts/drills/steady.ts';
import { DRILLS } from '../../scripts/drills/table.ts';
import { refused } from '../support/ledger-outcomes.ts';
import type { ErrorCode } from '@zhenglian/core/errors';
import type { Committed, Ledger } from '../../network/ledger.ts';

const CALL = { chaincode: 'zl', name: 'Put', request: new Uint8Array(0) };
const DONE: Committed = { transactionId: '00', blockNumber: 7, result: new Uint8Array(0) };

describe('drills', () => {
  it('each is in docs/operations.md as it printed when it was run, and the audit passed', () => {
    const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    for (const name of Object.keys(DRILLS)) {
      const print = new RegExp(
        `^pass ${name} +\\d.*, lost 0, twice or unknown 0, .*, heads agree, audit: \\d+ blocks of \\w+ pass$`,
        'm',
      );
      expect(text, name).to.match(print);
    }
    const passes = text.match(/^pass /gm) ?? [];
    expect(passes).to.have.length(Object.keys(DRILLS).length);
  });

  it('a record that can be there once only: an unknown outcome is tried again, and found done', async () => {
    const { ledger, left } = failing('COMMIT_UNKNOWN', 'LEDGER_UNAVAILABLE', 'EXISTS');
    expect(await submitOnce(ledger, CALL)).to.equal(undefined);
    expect(left).to.eql([]);
  });

  it('is refused when it was there before the first try', async () => {
    await refused(submitOnce(failing('EXISTS').ledger, CALL), 'EXISTS');
  });

  it('revocations that are there at a try whose forerunner did nothing are somebody else’s', async () => {
    const tries = { again: 0, conflicts: 0 };
    const revoke = (...codes: ErrorCode[]) => revokeOnce(failing(...codes).ledger, CALL, tries);
    await revoke('COMMIT_UNKNOWN', 'LEDGER_UNAVAILABLE', 'STATUS_TRANSITION');
    await revoke('MVCC_CONFLICT');
    expect(tries).to.eql({ again: 3, conflicts: 1 });
    await refused(revoke('STATUS_TRANSITION'), 'STATUS_TRANSITION');
    await refused(revoke('LEDGER_UNAVAILABLE', 'STATUS_TRANSITION'), 'STATUS_TRANSITION');
  });

  it('what did nothing is made again; what may have done something is not', async () => {
    const { ledger } = failing('LEDGER_UNAVAILABLE', 'MVCC_CONFLICT', 'ENDORSEMENT_MISMATCH');
    expect(await steady(ledger).submit(CALL)).to.equal(DONE);
    await refused(steady(failing('COMMIT_UNKNOWN').ledger).submit(CALL), 'COMMIT_UNKNOWN');
    await refused(steady(failing('COMMIT_INVALID').ledger).submit(CALL), 'COMMIT_INVALID');
  });

  it('counts valid batches only, and none whose leaves are not those of its root', () => {
    const leaves = drillLeaves(1, 0, 3);
    const [good, invalid] = [transaction(leaves, leaves, 0), transaction(leaves, leaves, 11)];
    expect(batchesOf([good, invalid]).map(({ count, blockNumber }) => [count, blockNumber])).to.eql(
      [[3, 5]],
    );
    const other = drillLeaves(2, 0, 3);
    expect(() => batchesOf([transaction(leaves, other, 0)])).to.throw('other leaves');
  });
});

/** A ledger that fails with these codes, one a submit, and then succeeds. */
function failing(...codes: readonly ErrorCode[]) {
  const left = [...codes];
  const never = () => Promise.reject(new Error('not asked here'));
  const ledger: Ledger = {
    msp: 'P44',
    submit: () => {
      const code = left.shift();
      return code === undefined
        ? Promise.resolve(DONE)
        : Promise.reject(new CodedError(code, 'as the test wants'));
    },
    ...{ evaluate: never, evaluateCosigned: never, status: never, height: never },
    blocks: () => {
      throw new Error('not asked here');
    },
    close: () => Promise.resolve(),
  };
  return { ledger, left };
}

function transaction(signed: readonly Uint8Array[], held: readonly Uint8Array[], code: number) {
  const request = encodeCbor({
    ...{ uscc: '11440000MADEMQ100L', epoch: 1, n: 0, first: 0, count: signed.length },
    ...{ root: anchorRoot(signed), type: 'driving' },
    ...{ kid: new Uint8Array(8), signature: new Uint8Array(64) },
  });
  const where = { id: '00', msp: 'P44', at: 0, chaincode: 'zl-p44', blockNumber: 5 };
  return { ...where, code, name: 'SubmitBatch', args: [request, concat(...held)] };
}
