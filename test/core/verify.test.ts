// SPDX-License-Identifier: Apache-2.0
// Every reason a check can give, and the verdict that follows from it.
import { expect } from 'chai';
import type { Copy } from '@zhenglian/core/copy';
import { presentSlots } from '@zhenglian/core/presentation';
import { provePossession } from '@zhenglian/core/possession';
import type { ReasonCode } from '@zhenglian/core/reasons';
import type { CheckName, Verdict } from '@zhenglian/core/report';
import { keyId } from '@zhenglian/core/signing';
import { DRIVING } from '@zhenglian/core/types/driving';
import { verify } from '@zhenglian/core/verify';
import type { Evidence, VerifyPolicy, VerifyReport } from '@zhenglian/core/verify';
import { formatWire } from '@zhenglian/core/wire';
import type { Wire } from '@zhenglian/core/wire';
import {
  EvidenceMaker,
  NOON,
  TODAY,
  createSm2Signer,
  inclusionOf,
} from '../support/evidence-maker.ts';
import type { BundleOptions, EpochOptions, MintOptions } from '../support/evidence-maker.ts';

const DAY = 86_400;
const NONCE = new Uint8Array(16).fill(7);
const REQUEST = { nonce: new Uint8Array(16).fill(8), audience: 'P44/1', act: 'roadside' };
const holder = createSm2Signer();
const now = NOON + 5;

interface Scenario {
  readonly mint?: MintOptions;
  readonly index?: number;
  readonly bundle?: BundleOptions;
  readonly epoch?: EpochOptions;
  readonly policy?: Partial<VerifyPolicy>;
  readonly proof?: { readonly at?: number; readonly request?: typeof REQUEST };
  readonly tamper?: (wire: Wire) => Wire;
  readonly evidence?: (evidence: Evidence) => Evidence;
  readonly onLine?: boolean;
  readonly now?: number;
}

describe('verify', () => {
  let maker: EvidenceMaker;
  before(async () => {
    maker = await EvidenceMaker.create();
  });

  function run(s: Scenario): VerifyReport {
    const copy: Copy = maker.mint(s.index ?? 3, s.mint);
    const copies = s.index === undefined ? [maker.mint(0), copy, maker.mint(5)] : [maker.mint(0)];
    const nonce = s.onLine ? { nonce: NONCE } : {};
    const evidence: Evidence = {
      bundle: maker.bundle({ ...nonce, ...s.bundle }),
      epoch: maker.epoch(copies, { ...nonce, ...s.epoch }),
      ...(s.index === undefined ? { inclusion: inclusionOf(copies, 3) } : {}),
    };
    const policy = { networkId: maker.networkId, act: 'general', ...nonce, ...s.policy };
    const changed = s.evidence?.(evidence) ?? evidence;
    return verify(formatWire(show(copy, s)), changed, policy, s.now ?? now);
  }

  function show(copy: Copy, { tamper, proof }: Scenario): Wire {
    const wire = presentSlots(copy, DRIVING, ['name', 'serial', 'version']);
    const tampered = tamper?.(wire) ?? wire;
    if (proof === undefined) return tampered;
    const request = proof.request ? { request: proof.request } : {};
    const context = { networkId: maker.networkId, at: proof.at ?? NOON, ...request };
    return provePossession(tampered, holder, context);
  }

  const cases: readonly (readonly [string, Verdict, CheckName, ReasonCode, Scenario])[] = [
    ['a good document', 'VALID', 'anchor', 'ANCHOR_PROVEN', {}],
    ['a good document on line', 'VALID', 'freshness', 'OK', { onLine: true }],
    [
      'a document without its proof, off line',
      'VALID',
      'anchor',
      'ANCHOR_COVERED',
      { evidence: noInclusion },
    ],
    [
      'the same on line',
      'UNDETERMINED',
      'anchor',
      'ANCHOR_UNPROVEN',
      { evidence: noInclusion, onLine: true },
    ],
    [
      'the same where proof is needed',
      'UNDETERMINED',
      'anchor',
      'ANCHOR_UNPROVEN',
      { evidence: noInclusion, policy: { act: 'roadside' } },
    ],
    ['a bent path', 'UNDETERMINED', 'anchor', 'ANCHOR_PROOF_BAD', { evidence: bentPath }],
    ['no evidence at all', 'UNDETERMINED', 'format', 'NO_EVIDENCE', { evidence: () => ({}) }],
    [
      'no status',
      'UNDETERMINED',
      'status',
      'NO_EVIDENCE',
      { evidence: ({ bundle }) => (bundle ? { bundle } : {}) },
    ],
    [
      'an unknown act',
      'UNDETERMINED',
      'freshness',
      'POLICY_UNKNOWN',
      { policy: { act: 'nothing' } },
    ],
    [
      'an unknown type version',
      'UNDETERMINED',
      'format',
      'TYPE_UNKNOWN',
      { bundle: { types: [] } },
    ],
    [
      'an unknown extension',
      'UNDETERMINED',
      'format',
      'EXTENSION_UNKNOWN',
      { tamper: (w) => ({ ...w, extensions: new Map([[9, 1]]) }) },
    ],
    [
      'a changed day',
      'INVALID',
      'signature',
      'SIGNATURE_INVALID',
      { tamper: (w) => ({ ...w, lastDay: w.lastDay + 1 }) },
    ],
    [
      'an unknown key, off line',
      'UNDETERMINED',
      'key',
      'KEY_UNKNOWN',
      { bundle: { withoutKey: true } },
    ],
    [
      'an unknown key, on line',
      'INVALID',
      'signature',
      'KEY_UNKNOWN',
      { bundle: { withoutKey: true }, onLine: true },
    ],
    [
      'an unknown authority',
      'UNDETERMINED',
      'authority',
      'AUTHORITY_UNKNOWN',
      { bundle: { withoutAuthority: true } },
    ],
    [
      'a withdrawn authority, anchored before',
      'VALID',
      'authority',
      'AUTHORITY_WITHDRAWN',
      { bundle: { authorityStatus: 'withdrawn' } },
    ],
    [
      'a key of another type',
      'INVALID',
      'scope',
      'SCOPE_TYPE',
      { bundle: { keyTypes: ['business'] } },
    ],
    [
      'a key not yet in its window',
      'INVALID',
      'key',
      'KEY_WINDOW',
      { bundle: { keyNotBefore: NOON } },
    ],
    ['a burned key', 'INVALID', 'key', 'KEY_BURNED', { bundle: { lastGood: new Map([[1, 2]]) } }],
    [
      'a burned key of another epoch',
      'INVALID',
      'key',
      'KEY_BURNED',
      { bundle: { lastGood: new Map([[7, 900]]) } },
    ],
    [
      'below the burn without a proof',
      'UNDETERMINED',
      'anchor',
      'ANCHOR_UNPROVEN',
      { bundle: { lastGood: new Map([[1, 3]]) }, evidence: noInclusion },
    ],
    ['an expired copy', 'INVALID', 'validity', 'EXPIRED', { mint: { lastDay: TODAY - 1 } }],
    [
      'a copy that ends before it begins',
      'INVALID',
      'validity',
      'EXPIRED',
      { mint: { lastDay: TODAY - 11 } },
    ],
    [
      'expired by the clock alone',
      'UNDETERMINED',
      'validity',
      'EXPIRED_BY_CLOCK',
      { mint: { lastDay: TODAY }, now: NOON + DAY },
    ],
    [
      'not yet valid, on line',
      'INVALID',
      'validity',
      'NOT_YET_VALID',
      { mint: { firstDay: TODAY + 1 }, onLine: true },
    ],
    [
      'not yet valid by the clock',
      'UNDETERMINED',
      'validity',
      'NOT_YET_BY_CLOCK',
      { mint: { firstDay: TODAY + 1 } },
    ],
    ['newer than the evidence', 'UNDETERMINED', 'anchor', 'ANCHOR_NOT_COVERED', { index: 40 }],
    [
      'pending, where the act allows it on line',
      'VALID',
      'anchor',
      'ANCHOR_PENDING',
      { index: 40, onLine: true, policy: { act: 'pending-ok' } },
    ],
    [
      'pending off line',
      'UNDETERMINED',
      'anchor',
      'ANCHOR_NOT_COVERED',
      { index: 40, policy: { act: 'pending-ok' } },
    ],
    [
      'an index of another key',
      'INVALID',
      'anchor',
      'ANCHOR_MISMATCH',
      { epoch: { batchKid: new Uint8Array(8) } },
    ],
    [
      'an index of another type',
      'INVALID',
      'anchor',
      'ANCHOR_MISMATCH',
      { epoch: { batchType: 'business' } },
    ],
    [
      'a revoked licence',
      'REVOKED',
      'status',
      'REVOKED',
      { epoch: { statuses: [[3, 'revoked']] } },
    ],
    [
      'a suspended licence',
      'SUSPENDED',
      'status',
      'SUSPENDED',
      { epoch: { statuses: [[3, 'suspended']] } },
    ],
    ['a reinstated licence', 'VALID', 'status', 'OK', { epoch: { statuses: [[3, 'valid']] } }],
    ['another licence revoked', 'VALID', 'status', 'OK', { epoch: { statuses: [[5, 'revoked']] } }],
    [
      'a revocation on old evidence',
      'REVOKED',
      'freshness',
      'STATUS_STALE',
      {
        epoch: { statuses: [[3, 'revoked']] },
        now: NOON + 8 * DAY,
        bundle: { at: NOON + 8 * DAY },
      },
    ],
    [
      'a suspension on old evidence',
      'UNDETERMINED',
      'freshness',
      'STATUS_STALE',
      {
        epoch: { statuses: [[3, 'suspended']] },
        now: NOON + 8 * DAY,
        bundle: { at: NOON + 8 * DAY },
      },
    ],
    [
      'an old bundle',
      'UNDETERMINED',
      'freshness',
      'BUNDLE_STALE',
      { bundle: { at: NOON - 8 * DAY } },
    ],
    ['a clock that is behind', 'UNDETERMINED', 'freshness', 'CLOCK_BEHIND', { now: NOON - 600 }],
    [
      'a device copy without proof',
      'INVALID',
      'holder',
      'HOLDER_PROOF_MISSING',
      { mint: { holder } },
    ],
    [
      'a proof by another key',
      'INVALID',
      'holder',
      'HOLDER_PROOF_INVALID',
      { mint: { holder: createSm2Signer() }, proof: {} },
    ],
    [
      'a recent proof',
      'VALID',
      'holder',
      'HOLDER_RECENT',
      { mint: { holder }, proof: {}, policy: { act: 'hotel-check-in' } },
    ],
    [
      'an old proof',
      'UNDETERMINED',
      'holder',
      'HOLDER_PROOF_OLD',
      { mint: { holder }, proof: { at: NOON - 61 } },
    ],
    [
      'a proof of the future',
      'UNDETERMINED',
      'holder',
      'HOLDER_PROOF_OLD',
      { mint: { holder }, proof: { at: NOON + 90 } },
    ],
    [
      'a proof seen before',
      'UNDETERMINED',
      'holder',
      'PRESENTATION_REPLAYED',
      { mint: { holder }, proof: {}, policy: { replayed: true } },
    ],
    [
      'a document where a holder is wanted',
      'UNDETERMINED',
      'holder',
      'HOLDER_LEVEL',
      { policy: { act: 'hotel-check-in' } },
    ],
    [
      'a recent proof where a challenge is wanted',
      'UNDETERMINED',
      'holder',
      'HOLDER_LEVEL',
      { mint: { holder }, proof: {}, policy: { act: 'company-registration', request: REQUEST } },
    ],
    [
      'an answered challenge',
      'VALID',
      'holder',
      'HOLDER_CHALLENGED',
      {
        mint: { holder },
        proof: { request: REQUEST },
        policy: { act: 'company-registration', request: REQUEST },
      },
    ],
    [
      'an answer to another request',
      'INVALID',
      'holder',
      'HOLDER_PROOF_INVALID',
      {
        mint: { holder },
        proof: { request: REQUEST },
        policy: { request: { ...REQUEST, audience: 'P44/2' } },
      },
    ],
    [
      'a request that has run out',
      'UNDETERMINED',
      'holder',
      'REQUEST_EXPIRED',
      {
        mint: { holder },
        proof: { request: REQUEST },
        policy: { request: { ...REQUEST, expiresAt: NOON } },
      },
    ],
  ];
  for (const [name, verdict, check, reason, scenario] of cases) {
    it(`says ${verdict} of ${name}: ${reason}`, () => {
      const report = run(scenario);
      const found = report.checks.find((c) => c.name === check);
      expect(found?.reason, JSON.stringify(report.checks)).to.equal(reason);
      if (reason !== 'EXTENSION_UNKNOWN') expect(report.verdict).to.equal(verdict);
    });
  }

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
      const report = run({ evidence, policy });
      expect(report.refused[part as 'bundle' | 'epoch']).to.equal(code);
      expect(report.verdict).to.equal('UNDETERMINED');
    });
  }

  it('names issuer, number, fields and evidence of a good licence', () => {
    const { licence, evidence, holder: level } = run({});
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

function noInclusion({ inclusion: _, ...rest }: Evidence): Evidence {
  return rest;
}

function bentPath(evidence: Evidence): Evidence {
  const { inclusion } = evidence;
  if (inclusion === undefined) return evidence;
  return { ...evidence, inclusion: { ...inclusion, path: inclusion.path.slice(1) } };
}
