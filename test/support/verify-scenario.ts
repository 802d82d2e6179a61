// SPDX-License-Identifier: Apache-2.0
// A licence, its evidence and a checker, with whatever a test wants different.
import { expect } from 'chai';
import type { Copy } from '@zhenglian/core/copy';
import { presentSlots } from '@zhenglian/core/presentation';
import { provePossession } from '@zhenglian/core/possession';
import type { ReasonCode } from '@zhenglian/core/reasons';
import type { CheckName, Verdict } from '@zhenglian/core/report';
import { DRIVING } from '@zhenglian/core/types/driving';
import { verify } from '@zhenglian/core/verify';
import type { Evidence, VerifyPolicy, VerifyReport } from '@zhenglian/core/verify';
import { formatWire } from '@zhenglian/core/wire';
import type { Wire } from '@zhenglian/core/wire';
import { NOON, createSm2Signer, inclusionOf } from './evidence-maker.ts';
import type { EvidenceMaker } from './evidence-maker.ts';
import type { BundleOptions, EpochOptions, MintOptions } from './evidence-options.ts';

export const NONCE = new Uint8Array(16).fill(7);
export const REQUEST = {
  nonce: new Uint8Array(16).fill(8),
  audience: 'P44/1',
  act: 'company-registration',
};
export const holder = createSm2Signer();
export const now = NOON + 5;

/** What differs from a good licence with good evidence. */
export interface Scenario {
  readonly mint?: MintOptions;
  readonly index?: number;
  readonly bundle?: BundleOptions;
  readonly epoch?: EpochOptions;
  readonly policy?: Partial<VerifyPolicy>;
  readonly proof?: { readonly at?: number; readonly request?: typeof REQUEST };
  /** Shown beside name, serial and version. */
  readonly slots?: readonly string[];
  readonly tamper?: (wire: Wire) => Wire;
  readonly evidence?: (evidence: Evidence) => Evidence;
  readonly onLine?: boolean;
  readonly now?: number;
}

/** Makes a copy, shows it, and verifies it under the scenario's evidence and policy. */
export function runScenario(maker: EvidenceMaker, s: Scenario): VerifyReport {
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
  return verify(formatWire(show(maker, copy, s)), changed, policy, s.now ?? now);
}

function show(maker: EvidenceMaker, copy: Copy, { tamper, proof, slots = [] }: Scenario): Wire {
  const wire = presentSlots(copy, DRIVING, ['name', 'serial', 'version', ...slots]);
  const tampered = tamper?.(wire) ?? wire;
  if (proof === undefined) return tampered;
  const request = proof.request ? { request: proof.request } : {};
  const context = { networkId: maker.networkId, at: proof.at ?? NOON, ...request };
  return provePossession(tampered, holder, context);
}

/** A scenario by its name, the verdict it must have, and what the check named must say. */
export type Case = readonly [string, Verdict, CheckName, ReasonCode, Scenario];

/** The title of a case's test. */
export function nameOfCase([name, verdict, , reason]: Case): string {
  return `says ${verdict} of ${name}: ${reason}`;
}

/** Runs a case and compares. */
export function checkCase(maker: EvidenceMaker, [, verdict, check, reason, scenario]: Case): void {
  const report = runScenario(maker, scenario);
  const found = report.checks.find((c) => c.name === check);
  expect(found?.reason, JSON.stringify(report.checks)).to.equal(reason);
  expect(report.verdict).to.equal(verdict);
}

/** Evidence without the inclusion proof. */
export function noInclusion({ inclusion: _, ...rest }: Evidence): Evidence {
  return rest;
}

/** Evidence with a path that is too short. */
export function bentPath(evidence: Evidence): Evidence {
  const { inclusion } = evidence;
  if (inclusion === undefined) return evidence;
  return { ...evidence, inclusion: { ...inclusion, path: inclusion.path.slice(1) } };
}
