// SPDX-License-Identifier: Apache-2.0
// What the check of the holder says, and the verdict that follows from it.
import { EvidenceMaker, NOON, createSm2Signer } from '../support/evidence-maker.ts';
import { REQUEST, checkCase, holder, nameOfCase } from '../support/verify-scenario.ts';
import type { Case } from '../support/verify-scenario.ts';

describe('verify: the holder', () => {
  let maker: EvidenceMaker;
  before(async () => {
    maker = await EvidenceMaker.create();
  });

  const cases: readonly Case[] = [
    ['a document without a holder', 'VALID', 'holder', 'HOLDER_DOCUMENT', {}],
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
      'an answer to a request about another act',
      'UNDETERMINED',
      'holder',
      'REQUEST_OTHER_ACT',
      {
        mint: { holder },
        proof: { request: { ...REQUEST, act: 'general' } },
        policy: { act: 'company-registration', request: { ...REQUEST, act: 'general' } },
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
        policy: { act: REQUEST.act, request: { ...REQUEST, expiresAt: NOON } },
      },
    ],
  ];
  for (const wanted of cases) {
    it(nameOfCase(wanted), () => checkCase(maker, wanted));
  }
});
