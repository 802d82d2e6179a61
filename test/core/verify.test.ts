// SPDX-License-Identifier: Apache-2.0
// Every reason a check can give, and the verdict that follows from it.
import { DRIVING } from '@zhenglian/core/types/driving';
import { EvidenceMaker, NOON, TODAY } from '../support/evidence-maker.ts';
import { SAMPLE_FIELDS } from '../support/sample-fields.ts';
import {
  bentPath,
  checkCase,
  holder,
  nameOfCase,
  noInclusion,
} from '../support/verify-scenario.ts';
import type { Case } from '../support/verify-scenario.ts';

const DAY = 86_400;
/** A type whose copies count before their anchor, where the act agrees. */
const RELEASED_EARLY = { ...DRIVING, pendingRelease: true };

describe('verify', () => {
  let maker: EvidenceMaker;
  before(async () => {
    maker = await EvidenceMaker.create();
  });

  const cases: readonly Case[] = [
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
      'an authority no longer for this type, anchored before',
      'VALID',
      'authority',
      'AUTHORITY_WITHDRAWN',
      { bundle: { authorityTypes: ['business'] } },
    ],
    [
      'an authority no longer for this type, pending',
      'UNDETERMINED',
      'authority',
      'AUTHORITY_WITHDRAWN',
      {
        index: 40,
        onLine: true,
        policy: { act: 'pending-ok' },
        bundle: { authorityTypes: ['business'], types: [RELEASED_EARLY] },
      },
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
    [
      'pending under a burned key, below the burn',
      'UNDETERMINED',
      'anchor',
      'ANCHOR_NOT_COVERED',
      {
        index: 40,
        onLine: true,
        policy: { act: 'pending-ok' },
        bundle: { lastGood: new Map([[1, 900]]), types: [RELEASED_EARLY] },
      },
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
      'a document that is valid for too long',
      'INVALID',
      'validity',
      'COPY_TOO_LONG',
      { mint: { lastDay: TODAY - 10 + DRIVING.documentDays + 1 } },
    ],
    [
      'a device copy that is valid for too long',
      'INVALID',
      'validity',
      'COPY_TOO_LONG',
      { mint: { holder, lastDay: TODAY - 10 + DRIVING.deviceDays + 1 }, proof: {} },
    ],
    [
      'a copy that outlives the legal end it shows',
      'INVALID',
      'validity',
      'EXPIRED',
      { mint: { fields: { ...SAMPLE_FIELDS, validTo: '2026-05-30' } }, slots: ['validTo'] },
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
      'pending on line, where act and type allow it',
      'VALID',
      'anchor',
      'ANCHOR_PENDING',
      {
        index: 40,
        onLine: true,
        mint: { firstDay: TODAY - 1 },
        policy: { act: 'pending-ok' },
        bundle: { types: [RELEASED_EARLY] },
      },
    ],
    [
      'pending on line, but minted the day before yesterday',
      'UNDETERMINED',
      'anchor',
      'ANCHOR_OVERDUE',
      {
        index: 40,
        onLine: true,
        mint: { firstDay: TODAY - 2 },
        policy: { act: 'pending-ok' },
        bundle: { types: [RELEASED_EARLY] },
      },
    ],
    [
      'pending where the type does not allow it',
      'UNDETERMINED',
      'anchor',
      'ANCHOR_NOT_COVERED',
      { index: 40, onLine: true, policy: { act: 'pending-ok' } },
    ],
    [
      'pending where the act does not allow it',
      'UNDETERMINED',
      'anchor',
      'ANCHOR_NOT_COVERED',
      { index: 40, onLine: true, bundle: { types: [RELEASED_EARLY] } },
    ],
    [
      'pending off line',
      'UNDETERMINED',
      'anchor',
      'ANCHOR_NOT_COVERED',
      { index: 40, policy: { act: 'pending-ok' }, bundle: { types: [RELEASED_EARLY] } },
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
  ];
  for (const wanted of cases) {
    it(nameOfCase(wanted), () => checkCase(maker, wanted));
  }
});
