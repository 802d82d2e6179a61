// SPDX-License-Identifier: Apache-2.0
// The law of the verdict: for genuine evidence E and any fault f, verdict(f(E)) is verdict(E) or UNDETERMINED.
// Every run starts from a decided verdict, which is asserted first; faults come alone and together.
import { expect } from 'chai';
import fc from 'fast-check';
import { decodeAnswer, encodeAnswer } from '@zhenglian/core/cosigned-answer';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import { verify } from '@zhenglian/core/verify';
import type { Evidence } from '@zhenglian/core/verify';
import { EvidenceMaker, NOON } from '../support/evidence-maker.ts';
import { build, CASES } from './law-cases.ts';
import type { Genuine } from './law-cases.ts';

describe('the law of the verdict', () => {
  let consortium: EvidenceMaker;
  let other: EvidenceMaker;
  before(async () => {
    [consortium, other] = await Promise.all([EvidenceMaker.create(), EvidenceMaker.create()]);
  });

  for (const scenario of CASES) {
    for (const onLine of scenario.onLineOnly ? [true] : [true, false]) {
      it(`holds for ${scenario.name}, ${onLine ? 'on line' : 'from a cache'}`, () => {
        const genuine = build(consortium, other, scenario, onLine);
        const decided = verify(genuine.text, genuine.evidence, genuine.policy, NOON + 5);
        expect(decided.verdict, JSON.stringify(decided.checks)).to.equal(scenario.verdict);
        fc.assert(
          fc.property(FAULTS, ({ changes, shift }) => {
            const faulty = changes.reduce((e, change) => change(e, genuine), genuine.evidence);
            const report = verify(genuine.text, faulty, genuine.policy, NOON + 5 + shift);
            expect([scenario.verdict, 'UNDETERMINED']).to.include(report.verdict);
          }),
          { numRuns: 60 },
        );
      });
    }
  }

  it('can fail: a verifier that forgets what it saw is talked out of a revocation', () => {
    const scenario = CASES.find((c) => c.verdict === 'REVOKED');
    if (scenario === undefined) throw new Error('there is a revoked case');
    const genuine = build(consortium, other, scenario, false);
    const forgetful = { ...genuine.policy, leastVersions: {} };
    const { inclusion } = genuine.evidence;
    const evidence = { ...genuine.older, ...(inclusion ? { inclusion } : {}) };
    expect(verify(genuine.text, evidence, forgetful, NOON + 5).verdict).to.equal('VALID');
    expect(verify(genuine.text, evidence, genuine.policy, NOON + 5).verdict).to.equal(
      'UNDETERMINED',
    );
  });
});

type Change = (evidence: Evidence, genuine: Genuine) => Evidence;

function without(evidence: Evidence, ...parts: readonly (keyof Evidence)[]): Evidence {
  return Object.fromEntries(
    Object.entries(evidence).filter(([part]) => !parts.includes(part as keyof Evidence)),
  );
}

function mapAnswer(
  part: 'bundle' | 'epoch',
  change: (a: CosignedAnswer) => CosignedAnswer,
): Change {
  return (evidence) => {
    const answer = evidence[part];
    return answer === undefined ? evidence : { ...evidence, [part]: change(answer) };
  };
}

const part = fc.constantFrom('bundle' as const, 'epoch' as const);
const drop = fc.constantFrom('bundle' as const, 'epoch' as const, 'inclusion' as const).map(
  (p): Change =>
    (evidence) =>
      without(evidence, p),
);
const replace = fc
  .tuple(
    fc.constantFrom('bundle' as const, 'epoch' as const, 'inclusion' as const),
    fc.constantFrom('older' as const, 'foreign' as const),
  )
  .map(([p, from]): Change => (evidence, genuine) => {
    const wanted = genuine[from][p];
    return wanted === undefined ? without(evidence, p) : { ...evidence, [p]: wanted };
  });
const swap = fc.constant<Change>(({ bundle, epoch, ...rest }) => ({
  ...rest,
  ...(epoch ? { bundle: epoch } : {}),
  ...(bundle ? { epoch: bundle } : {}),
}));
const corrupt = fc.tuple(part, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([p, at, bits]) =>
  mapAnswer(p, (answer) => {
    const bytes = encodeAnswer(answer);
    const place = at % bytes.length;
    bytes[place] = (bytes[place] ?? 0) ^ bits;
    try {
      return decodeAnswer(bytes);
    } catch {
      return { ...answer, payload: new Uint8Array(0) }; // what a client makes of an unreadable answer
    }
  }),
);
const cut = fc
  .tuple(part, fc.nat())
  .map(([p, at]) =>
    mapAnswer(p, (a) => ({ ...a, payload: a.payload.slice(0, at % (a.payload.length + 1)) })),
  );
const reorder = part.map((p) =>
  mapAnswer(p, (a) => ({ ...a, endorsements: [...a.endorsements].reverse() })),
);
const repeat = part.map((p) =>
  mapAnswer(p, (a) => ({ ...a, endorsements: a.endorsements.slice(0, 1).flatMap((e) => [e, e]) })),
);
const bendPath = fc.nat().map(
  (at): Change =>
    (evidence) =>
      evidence.inclusion === undefined
        ? evidence
        : {
            ...evidence,
            inclusion: {
              ...evidence.inclusion,
              path: evidence.inclusion.path.map((h, i) => (i === at % 3 ? h.map((b) => b ^ 1) : h)),
            },
          },
);

/** What goes wrong at once, and how far the clock is off. */
const FAULTS = fc.record({
  changes: fc.array(fc.oneof(drop, replace, swap, corrupt, cut, reorder, repeat, bendPath), {
    maxLength: 3,
  }),
  shift: fc.oneof(
    fc.constant(0),
    fc.integer({ min: -400 * 86_400, max: 400 * 86_400 }),
    fc.integer({ min: -200, max: 200 }),
  ),
});
