// SPDX-License-Identifier: Apache-2.0
// The decisions themselves, from source and without Fabric: what holds for every sequence of requests.
import { expect } from 'chai';
import fc from 'fast-check';
import { asCbor } from '@zhenglian/core/shape';
import { isCodedError } from '@zhenglian/core/errors';
import type { Authority } from '@zhenglian/core/records/authority';
import type { Batch } from '@zhenglian/core/records/batch';
import type { AuthorityKey } from '@zhenglian/core/records/key';
import type { Organisation } from '@zhenglian/core/records/organisation';
import type { Proposal, Vote } from '@zhenglian/core/records/proposal';
import { ruleHash } from '@zhenglian/core/records/rule';
import type { RuleRecord } from '@zhenglian/core/records/rule';
import { emptyChain, statusChain, statusPayload } from '@zhenglian/core/records/status';
import type { Status, StatusClass, StatusState } from '@zhenglian/core/records/status';
import { signFor } from '@zhenglian/core/signing';
import { splitLeaves } from '@zhenglian/chaincode/rules/batch';
import { decideBurn, requireLivingKey } from '@zhenglian/chaincode/rules/key';
import { decideSubmission, decideWithdrawal } from '@zhenglian/chaincode/rules/recognition';
import { decideStatus } from '@zhenglian/chaincode/rules/status';
import { decideEnactment } from '@zhenglian/chaincode/rules/vote';
import { load, stamped } from '@zhenglian/chaincode/state';
import { GUANGDONG, testKey } from '../support/consortium.ts';
import { testRule } from '../support/consortium-requests.ts';

const NETWORK = new Uint8Array(32).fill(3);
const GD = testKey('gd');
const name = { zh: '名', en: 'Name' };
const organisation = (msp: string): Organisation => ({
  msp,
  kind: 'province',
  prefix: msp.slice(1),
  name,
  rootCertificate: new Uint8Array(1),
  status: 'admitted',
  rev: 1,
  at: 1,
});
const key: AuthorityKey = {
  kid: GD.kid,
  uscc: GUANGDONG,
  msp: 'P44',
  publicKey: GD.publicKey,
  types: ['driving'],
  notBefore: 0,
  notAfter: 1000,
  rev: 1,
  at: 1,
};
const authority: Authority = {
  uscc: GUANGDONG,
  msp: 'P44',
  name,
  types: ['driving'],
  divisions: ['44'],
  status: 'accredited',
  rev: 1,
  at: 1,
};

describe('Statuses, in any order', () => {
  const batch: Batch = {
    uscc: GUANGDONG,
    epoch: 1,
    n: 0,
    first: 0,
    count: 10,
    root: NETWORK,
    type: 'driving',
    kid: GD.kid,
    signature: new Uint8Array(64),
    rev: 1,
    at: 1,
  };
  const scope = {
    networkId: NETWORK,
    testIdentities: true,
    organisation: organisation('P44'),
    authority,
    key,
  };
  const step = fc.record({
    state: fc.constantFrom<StatusState>('valid', 'suspended', 'revoked'),
    class: fc.constantFrom<StatusClass>('lost', 'superseded', 'reinstated'),
    time: fc.integer({ min: 1, max: 100 }),
  });

  it('follow the table, never leave revoked, never go back in time, and chain', function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        let previous: Status | undefined;
        for (const wanted of steps) {
          const chain = previous?.chain ?? emptyChain();
          const content = {
            ...wanted,
            uscc: GUANGDONG,
            epoch: 1,
            n: 0,
            index: 4,
            commitment: NETWORK,
            seq: (previous?.seq ?? 0) + 1,
            kid: GD.kid,
          };
          const payload = statusPayload(content, chain);
          const signature = signFor(GD, { purpose: 'status', networkId: NETWORK, payload });
          const ground = { scope, batch, previous, at: 90 };
          const decide = () => decideStatus({ ...content, signature }, ground);
          const expected = expectedCode(previous, wanted);
          if (expected === undefined) {
            const next = stamped(decide(), previous, 90);
            expect(next.chain).to.deep.equal(statusChain(chain, payload));
            previous = next;
          } else {
            expectCode(decide, expected);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  function fits(wanted: { state: StatusState; class: StatusClass }): boolean {
    const reinstates = (wanted.state === 'valid') === (wanted.class === 'reinstated');
    return reinstates && (wanted.state === 'revoked' || wanted.class !== 'superseded');
  }

  function expectedCode(
    previous: Status | undefined,
    wanted: { state: StatusState; class: StatusClass; time: number },
  ): string | undefined {
    const from = previous?.state ?? 'valid';
    const legal = ['valid suspended', 'valid revoked', 'suspended valid', 'suspended revoked'];
    if (!legal.includes(`${from} ${wanted.state}`) || !fits(wanted)) return 'STATUS_TRANSITION';
    if (wanted.time > 90 || wanted.time < (previous?.time ?? 0)) return 'TIME_BACKWARDS';
    return undefined;
  }
});

describe('Burns, in any order', () => {
  const burn = fc.dictionary(fc.constantFrom('1', '2', '3'), fc.integer({ min: 0, max: 5 }), {
    maxKeys: 3,
  });

  it('never make good again what was not', () => {
    fc.assert(
      fc.property(fc.array(burn, { minLength: 1, maxLength: 6 }), (burns) => {
        let current = key;
        for (const [i, wanted] of burns.entries()) {
          const lastGood = new Map(Object.entries(wanted).map(([e, n]) => [Number(e), n]));
          const before = current.burned;
          let after: AuthorityKey;
          try {
            after = decideBurn(current, lastGood, 10 + i);
          } catch (error) {
            expect(isCodedError(error, 'BURN_LATER')).to.equal(true);
            const later = [...lastGood].some(([e, n]) => n > (before?.lastGood.get(e) ?? -1));
            expect(later).to.equal(true);
            continue;
          }
          for (const epoch of [1, 2, 3]) {
            const [was, is] = [before, after.burned].map((b) => b?.lastGood.get(epoch) ?? -1);
            if (before !== undefined) expect(is).to.be.at.most(was ?? -1);
          }
          expect(after.burned?.at).to.equal(before?.at ?? 10 + i);
          expectCode(() => {
            requireLivingKey(after, GUANGDONG, 10);
          }, 'KEY_BURNED');
          current = after;
        }
      }),
    );
  });
});

describe('Votes', () => {
  const proposal: Proposal = {
    id: '0'.repeat(32),
    kind: 'policy',
    body: null,
    by: 'P44',
    status: 'open',
    rev: 1,
    at: 1,
  };
  const threshold = fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
    .filter(([num, den]) => 2 * num > den && num <= den);
  const ballots = fc.array(
    fc.record({
      vote: fc.constantFrom<boolean | undefined>(true, false, undefined),
      expelled: fc.boolean(),
    }),
    { minLength: 2, maxLength: 9 },
  );

  it('carry when the share of members’ approvals reaches the threshold, never one alone', () => {
    fc.assert(
      fc.property(ballots, threshold, (list, [num, den]) => {
        const votes = new Map<string, Vote>();
        const organisations = list.map(({ vote, expelled }, i): Organisation => {
          const msp = `P1${String(i)}`;
          if (vote !== undefined) votes.set(msp, { approve: vote, rev: 1, at: 1 });
          return { ...organisation(msp), status: expelled ? 'expelled' : 'admitted' };
        });
        const members = list.filter((b) => !b.expelled);
        const approvals = members.filter((b) => b.vote === true).length;
        const decide = () => decideEnactment(proposal, votes, organisations, [num, den]);
        fc.pre(members.length >= 2);
        if (approvals / members.length >= num / den) {
          expect(decide().status).to.equal('enacted');
          expect(approvals).to.be.greaterThan(1);
        } else {
          expectCode(decide, 'THRESHOLD_NOT_REACHED');
        }
      }),
    );
  });

  it('are closed by the enactment', () => {
    const enacted = { ...proposal, status: 'enacted' as const };
    expectCode(() => decideEnactment(enacted, new Map(), [], [2, 3]), 'PROPOSAL_CLOSED');
  });
});

describe('Rules of recognition, in any order', () => {
  const rules = [testRule(), testRule({ acts: [] }), testRule({ notAfter: 21_000 })];
  const move = fc.record({
    by: fc.constantFrom('P44', 'P33'),
    rule: fc.constantFrom<number | undefined>(0, 1, 2, undefined),
  });

  it('are in force from the time both stood by one hash until either withdraws', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 12 }), (moves) => {
        let record: RuleRecord | undefined;
        const stands = new Map<string, number>();
        let inForce: number | undefined;
        for (const { by, rule: chosen } of moves) {
          const rule = chosen === undefined ? undefined : rules[chosen];
          if (rule === undefined || chosen === undefined) {
            if (record !== undefined) record = stamped(decideWithdrawal(record), record, 1);
            stands.clear();
            inForce = undefined;
          } else {
            const hash = ruleHash(rule);
            const submission = { hash, kid: GD.kid, signature: new Uint8Array(64) };
            record = stamped(decideSubmission(record, by, rule, submission), record, 1);
            stands.set(by, chosen);
            if (stands.get('P44') === stands.get('P33')) inForce = chosen;
          }
          const expected = inForce === undefined ? undefined : rules[inForce];
          expect(record?.rule).to.deep.equal(expected);
        }
      }),
    );
  });
});

describe('The state', () => {
  it('counts revisions and refuses an earlier time', () => {
    const first = stamped({ a: 1 }, undefined, 5);
    expect(first).to.deep.equal({ a: 1, rev: 1, at: 5 });
    expect(stamped({ a: 2 }, first, 5)).to.deep.equal({ a: 2, rev: 2, at: 5 });
    expectCode(() => stamped({ a: 2 }, first, 4), 'TIME_BACKWARDS');
  });

  it('refuses bytes that are no record', async () => {
    const state = {
      get: () => Promise.resolve(Uint8Array.of(0xff)),
      put: () => Promise.resolve(),
      range: () => Promise.resolve([]),
    };
    let caught: unknown;
    await load(state, 'net', (value) => asCbor(value)).catch((error: unknown) => {
      caught = error;
    });
    expect(isCodedError(caught, 'CBOR_MALFORMED')).to.equal(true);
  });

  it('splits leaves only where they fit', () => {
    expect(splitLeaves(new Uint8Array(64), 2)).to.have.length(2);
    for (const length of [63, 65, 32, 96]) {
      expectCode(() => splitLeaves(new Uint8Array(length), 2), 'REQUEST_INVALID');
    }
  });
});

function expectCode(act: () => unknown, code: string): void {
  let caught: unknown;
  try {
    act();
  } catch (error) {
    caught = error;
  }
  expect(caught, `wanted ${code}`).to.have.property('code', code);
}
