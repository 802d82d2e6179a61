// SPDX-License-Identifier: Apache-2.0
// One check at the counter: asks its gateway for evidence, falls back on what was kept, and lets core.verify decide.
// Whatever fails here can only take evidence away.
import type { InclusionProof } from '@zhenglian/core/anchor';
import { locate } from '@zhenglian/core/assess';
import { fromBase64, toHex } from '@zhenglian/core/bytes';
import { decodeAnswer } from '@zhenglian/core/cosigned-answer';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import { isCodedError } from '@zhenglian/core/errors';
import type { PresentationRequest } from '@zhenglian/core/request';
import { verify } from '@zhenglian/core/verify';
import type { Evidence, VerifyReport } from '@zhenglian/core/verify';
import { bundleName, epochName } from './evidence-store.ts';
import type { EvidenceStore } from './evidence-store.ts';
import { call, GatewayProblem } from './http.ts';
import type { Purpose } from './http.ts';
import * as json from './json.ts';
import type { ReplayMemory } from './replay-memory.ts';
import { noteVerdict } from './verdict-note.ts';

/** What a check needs beside the code itself. */
export interface CheckContext {
  readonly networkId: Uint8Array;
  readonly act: string;
  readonly purpose: Purpose;
  readonly request?: PresentationRequest;
  readonly store: EvidenceStore;
  readonly replays: ReplayMemory;
  readonly now: () => number;
}

/** A report, what the evidence came from, and the code of what kept the gateway from giving any. */
export interface Checked {
  readonly presentation: string;
  readonly report: VerifyReport;
  readonly source: 'gateway' | 'kept' | 'none';
  readonly trouble?: string;
  /** Answers that somebody signed otherwise than the others, as they came: evidence for whoever looks into it. */
  readonly disputed: readonly Uint8Array[];
}

interface Found {
  readonly source: Checked['source'];
  readonly evidence: Evidence;
  readonly bytes: { readonly bundle?: Uint8Array; readonly epoch?: Uint8Array };
  readonly nonce?: Uint8Array;
  readonly trouble?: string;
}
type Place = NonNullable<ReturnType<typeof locate>>;

const evidenceShape = json.record({
  bundle: json.text,
  epoch: json.optional(json.text),
  inclusion: json.optional(json.record({ argument: json.text, path: json.list(json.text) })),
});

/** Checks a presentation. Never throws for what a holder, gateway or network does. */
export async function check(presentation: string, context: CheckContext): Promise<Checked> {
  const place = locate(presentation);
  const network = toHex(context.networkId);
  const found: Found =
    place === undefined
      ? { source: 'none', evidence: {}, bytes: {} }
      : await findEvidence(place, network, context);
  const leastVersions = place === undefined ? {} : await versionsSeen(place, network, context);
  const now = context.now();
  const report = verify(
    presentation,
    found.evidence,
    {
      networkId: context.networkId,
      act: context.act,
      replayed: context.replays.has(presentation, now),
      leastVersions,
      ...(context.request === undefined ? {} : { request: context.request }),
      ...(found.nonce === undefined ? {} : { nonce: found.nonce }),
    },
    now,
  );
  // What led to no answer was not used: the same code may be checked again.
  if (report.verdict !== 'UNDETERMINED') context.replays.add(presentation, now);
  if (place !== undefined) await settle(place, network, found, report, context);
  const trouble = found.trouble ?? report.refused.bundle ?? report.refused.epoch;
  return {
    presentation,
    report,
    source: found.source,
    disputed: disputedOf(found, report),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

function disputedOf({ bytes }: Found, { dissent }: VerifyReport): readonly Uint8Array[] {
  const isDisputed = (which: 'bundle' | 'epoch') => dissent.some(({ about }) => about === which);
  return (['epoch', 'bundle'] as const).flatMap((which) => {
    const answer = bytes[which];
    return answer !== undefined && isDisputed(which) ? [answer] : [];
  });
}

async function findEvidence(place: Place, network: string, context: CheckContext): Promise<Found> {
  try {
    return await askGateway(place, context.purpose);
  } catch (error) {
    return readKept(place, network, context, troubleOf(error));
  }
}

async function askGateway(place: Place, purpose: Purpose): Promise<Found> {
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  const { epoch, index } = place;
  const answer = await call(
    {
      path: 'evidence',
      role: 'clerk',
      purpose,
      query: { kid: toHex(place.kid), epoch, index, nonce: toHex(nonce) },
    },
    evidenceShape,
  );
  const bytes = {
    bundle: fromBase64(answer.bundle),
    ...(answer.epoch === undefined ? {} : { epoch: fromBase64(answer.epoch) }),
  };
  const inclusion = answer.inclusion && readInclusion(answer.inclusion);
  const evidence = { ...decodeAnswers(bytes), ...(inclusion ? { inclusion } : {}) };
  return { source: 'gateway', evidence, bytes, nonce };
}

async function readKept(
  place: Place,
  network: string,
  { store }: CheckContext,
  trouble: string,
): Promise<Found> {
  const bundle = await store.read(bundleName(network));
  const epoch = await store.read(epochName(network, toHex(place.kid), place.epoch));
  const bytes = {
    ...(bundle === undefined ? {} : { bundle: bundle.answer }),
    ...(epoch === undefined ? {} : { epoch: epoch.answer }),
  };
  const source = bundle === undefined ? 'none' : 'kept';
  return { source, evidence: decodeAnswers(bytes), bytes: {}, trouble };
}

async function versionsSeen(place: Place, network: string, { store }: CheckContext) {
  const bundle = await store.read(bundleName(network));
  const epoch = await store.read(epochName(network, toHex(place.kid), place.epoch));
  return {
    ...(bundle === undefined ? {} : { bundle: bundle.version }),
    ...(epoch === undefined ? {} : { epoch: epoch.version }),
  };
}

/** Keeps what was believed, and lets the trace know; neither changes the verdict. */
async function settle(
  place: Place,
  network: string,
  found: Found,
  report: VerifyReport,
  context: CheckContext,
): Promise<void> {
  if (found.source === 'gateway') void noteVerdict(place, report, context.purpose);
  await keepGenuine(place, network, found, report, context);
}

/** What the report says was believed is genuine: only that is kept. */
async function keepGenuine(
  place: Place,
  network: string,
  found: Found,
  report: VerifyReport,
  { store }: CheckContext,
): Promise<void> {
  const { bundle, epoch } = report.evidence;
  if (bundle && found.bytes.bundle) {
    await store.write(bundleName(network), {
      answer: found.bytes.bundle,
      version: bundle.version,
    });
  }
  if (epoch && found.bytes.epoch) {
    const name = epochName(network, toHex(place.kid), place.epoch);
    await store.write(name, { answer: found.bytes.epoch, version: epoch.version });
  }
}

/** Answers that cannot be read are no evidence. */
function decodeAnswers(bytes: Found['bytes']): Evidence {
  const bundle = tryDecode(bytes.bundle);
  const epoch = tryDecode(bytes.epoch);
  return { ...(bundle ? { bundle } : {}), ...(epoch ? { epoch } : {}) };
}

function tryDecode(bytes: Uint8Array | undefined): CosignedAnswer | undefined {
  if (bytes === undefined) return undefined;
  try {
    return decodeAnswer(bytes);
  } catch {
    return undefined;
  }
}

function readInclusion(proof: {
  readonly argument: string;
  readonly path: readonly string[];
}): InclusionProof {
  return { argument: fromBase64(proof.argument), path: proof.path.map((p) => fromBase64(p)) };
}

function troubleOf(error: unknown): string {
  if (error instanceof GatewayProblem || isCodedError<string>(error)) return error.code;
  return 'GATEWAY_ANSWER';
}
