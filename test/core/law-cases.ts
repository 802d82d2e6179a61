// SPDX-License-Identifier: Apache-2.0
// The cases of the law of the verdict (law.test.ts), each decided by genuine evidence.
import type { Copy } from '@zhenglian/core/copy';
import { presentSlots } from '@zhenglian/core/presentation';
import { provePossession } from '@zhenglian/core/possession';
import type { Verdict } from '@zhenglian/core/report';
import { keyId } from '@zhenglian/core/signing';
import { BUSINESS } from '@zhenglian/core/types/business';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { DRIVING } from '@zhenglian/core/types/driving';
import type { Evidence, VerifyPolicy } from '@zhenglian/core/verify';
import { formatWire } from '@zhenglian/core/wire';
import {
  EvidenceMaker,
  NOON,
  TODAY,
  createSm2Signer,
  inclusionOf,
} from '../support/evidence-maker.ts';
import { SAMPLE_BUSINESS, SAMPLE_FIELDS } from '../support/sample-fields.ts';
import type { BundleOptions, EpochOptions } from '../support/evidence-options.ts';

/** A presentation, its evidence, and genuine evidence of other times and places. */
export interface Genuine {
  readonly text: string;
  readonly evidence: Evidence;
  /** Genuine too, of yesterday and before what decided the verdict. */
  readonly older: Evidence;
  /** Genuine answers of another consortium, and of another copy. */
  readonly foreign: Evidence;
  readonly policy: VerifyPolicy;
}

/** What is shown and what the ledger says of it. */
export interface Case {
  readonly name: string;
  readonly verdict: Verdict;
  readonly act: string;
  readonly copy: (c: EvidenceMaker) => Copy;
  readonly bundle?: BundleOptions;
  readonly epoch?: EpochOptions;
  /** What the ledger anchored at the index, when it was not this copy. */
  readonly anchored?: (c: EvidenceMaker) => Copy;
  /** The driving licence unless given. */
  readonly type?: TypeDefinition;
  /** The presentation answers the checker's own request. */
  readonly challenged?: boolean;
  /** What the ledger anchored leaves this copy out. */
  readonly unanchored?: boolean;
  /** Off line a clock that is wound back together with old evidence can hide an expiry: see docs/threat-model.md. */
  readonly onLineOnly?: boolean;
}

const NONCE = new Uint8Array(16).fill(9);
const REQUEST = { nonce: new Uint8Array(16).fill(7), audience: 'P44' };
const holder = createSm2Signer();
const stranger = createSm2Signer();
/** One for each way to a verdict. */
export const CASES: readonly Case[] = [
  { name: 'a document', verdict: 'VALID', act: 'general', copy: (c) => c.mint(3) },
  { name: 'a document, proven', verdict: 'VALID', act: 'roadside', copy: (c) => c.mint(3) },
  {
    name: 'a device copy',
    verdict: 'VALID',
    act: 'hotel-check-in',
    copy: (c) => c.mint(3, { holder }),
  },
  {
    name: 'a revoked one',
    verdict: 'REVOKED',
    act: 'general',
    copy: (c) => c.mint(3),
    epoch: { statuses: [[3, 'revoked']] },
  },
  {
    name: 'a suspended one',
    verdict: 'SUSPENDED',
    act: 'roadside',
    copy: (c) => c.mint(3),
    epoch: { statuses: [[3, 'suspended']] },
  },
  {
    name: 'an expired one',
    verdict: 'INVALID',
    act: 'roadside',
    copy: (c) => c.mint(3, { lastDay: TODAY - 2 }),
    onLineOnly: true,
  },
  {
    name: 'an expired and revoked one',
    verdict: 'INVALID',
    act: 'general',
    copy: (c) => c.mint(3, { lastDay: TODAY - 2 }),
    epoch: { statuses: [[3, 'revoked']] },
    onLineOnly: true,
  },
  {
    name: 'one above the burn',
    verdict: 'INVALID',
    act: 'general',
    copy: (c) => c.mint(3),
    bundle: { lastGood: new Map([[1, 2]]) },
  },
  {
    name: 'one below the burn',
    verdict: 'VALID',
    act: 'general',
    copy: (c) => c.mint(3),
    bundle: { lastGood: new Map([[1, 3]]) },
  },
  {
    name: 'a forgery with the real key on a used index',
    verdict: 'INVALID',
    act: 'roadside',
    copy: (c) => c.mint(3),
    anchored: (c) => c.mint(3),
  },
  {
    name: 'a wrong signature',
    verdict: 'INVALID',
    act: 'general',
    copy: (c) => ({ ...c.mint(3, { signer: stranger }), kid: keyId(c.authoritySigner.publicKey) }),
  },
  {
    name: 'an index anchored under another key',
    verdict: 'INVALID',
    act: 'general',
    copy: (c) => c.mint(3),
    epoch: { batchKid: new Uint8Array(8).fill(1) },
  },
  {
    name: 'a device copy that answers a request',
    verdict: 'VALID',
    act: 'company-registration',
    copy: (c) => c.mint(3, { holder }),
    challenged: true,
  },
  {
    name: 'a revoked device copy that answers a request',
    verdict: 'REVOKED',
    act: 'company-registration',
    copy: (c) => c.mint(3, { holder }),
    epoch: { statuses: [[3, 'revoked']], statusClass: 'superseded' },
    challenged: true,
  },
  {
    name: "a device copy with somebody else's proof",
    verdict: 'INVALID',
    act: 'hotel-check-in',
    copy: (c) => c.mint(3, { holder: stranger }),
  },
  {
    name: 'one still to be anchored, where act and type allow it',
    verdict: 'VALID',
    act: 'pending-ok',
    copy: (c) => c.mint(9, { firstDay: TODAY }),
    bundle: { types: [{ ...DRIVING, pendingRelease: true }] },
    unanchored: true,
    onLineOnly: true,
  },
  {
    name: 'a type that the key is not for',
    verdict: 'INVALID',
    act: 'general',
    copy: (c) => c.mint(3),
    bundle: { keyTypes: ['business'] },
  },
  {
    name: 'one anchored before its authority was withdrawn',
    verdict: 'VALID',
    act: 'general',
    copy: (c) => c.mint(3),
    bundle: { authorityStatus: 'withdrawn' },
  },
  {
    name: 'a key that no bundle names',
    verdict: 'INVALID',
    act: 'general',
    copy: (c) => c.mint(3),
    bundle: { withoutKey: true },
    onLineOnly: true,
  },
  {
    name: 'a business licence',
    verdict: 'VALID',
    act: 'roadside',
    copy: (c) => c.mint(3, { type: BUSINESS, fields: SAMPLE_BUSINESS }),
    type: BUSINESS,
  },
  {
    name: 'a suspended business licence',
    verdict: 'SUSPENDED',
    act: 'general',
    copy: (c) => c.mint(3, { type: BUSINESS, fields: SAMPLE_BUSINESS }),
    epoch: { statuses: [[3, 'suspended']] },
    type: BUSINESS,
  },
];

/** The genuine evidence of a case. */
export function build(
  c: EvidenceMaker,
  other: EvidenceMaker,
  scenario: Case,
  onLine: boolean,
): Genuine {
  const copy = scenario.copy(c);
  const type = scenario.type ?? DRIVING;
  const types = { types: [type], keyTypes: [type.code], authorityTypes: [type.code] };
  const fields = type === BUSINESS ? SAMPLE_BUSINESS : SAMPLE_FIELDS;
  const mint = (index: number) => c.mint(index, { type, fields });
  const anchored = scenario.anchored?.(c) ?? (scenario.unanchored ? mint(3) : copy);
  const copies = [mint(0), mint(2), anchored, mint(5)];
  const nonce = onLine ? { nonce: NONCE } : {};
  const at = NOON;
  const old = { at: NOON - 86_000, version: 2 };
  const wire = presentSlots(copy, type, ['name', 'serial', 'version']);
  const request = scenario.challenged ? { request: { ...REQUEST, act: scenario.act } } : {};
  const proven = copy.holderKey
    ? provePossession(wire, holder, { networkId: c.networkId, at: NOON, ...request })
    : wire;
  return {
    text: formatWire(proven),
    evidence: {
      bundle: c.bundle({ ...types, ...scenario.bundle, at, ...nonce }),
      epoch: c.epoch(copies, { type, ...scenario.epoch, at, ...nonce }),
      ...(scenario.unanchored ? {} : { inclusion: inclusionOf(copies, 3, type) }),
    },
    older: {
      bundle: c.bundle({ ...types, ...old }),
      epoch: c.epoch(copies, { type, ...old }),
      inclusion: inclusionOf(copies, 2, type),
    },
    foreign: {
      bundle: other.bundle({ at, ...nonce }),
      epoch: other.epoch(copies, { at, ...nonce }),
      inclusion: inclusionOf([other.mint(3)], 0),
    },
    policy: {
      networkId: c.networkId,
      act: scenario.act,
      leastVersions: { bundle: 10, epoch: 5 },
      ...nonce,
      ...request,
    },
  };
}
