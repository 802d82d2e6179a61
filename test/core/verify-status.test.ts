// SPDX-License-Identifier: Apache-2.0
// What the status of a licence, and how old what is known of it is, make of a verdict.
import { EvidenceMaker, NOON } from '../support/evidence-maker.ts';
import { checkCase, nameOfCase } from '../support/verify-scenario.ts';
import type { Case } from '../support/verify-scenario.ts';

const DAY = 86_400;

describe('verify: status and age', () => {
  let maker: EvidenceMaker;
  before(async () => {
    maker = await EvidenceMaker.create();
  });

  const cases: readonly Case[] = [
    [
      'a revoked licence',
      'REVOKED',
      'status',
      'REVOKED',
      { epoch: { statuses: [[3, 'revoked']] } },
    ],
    [
      'a superseded licence',
      'REVOKED',
      'status',
      'SUPERSEDED',
      { epoch: { statuses: [[3, 'revoked']], statusClass: 'superseded' } },
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
  ];
  for (const wanted of cases) {
    it(nameOfCase(wanted), () => checkCase(maker, wanted));
  }
});
