// SPDX-License-Identifier: Apache-2.0
// From co-signed answers to facts: a trust bundle is believed under the pinned fingerprint alone, an epoch's evidence under
// the bundle. No single gateway, peer or operator can make either (docs/ledger.md §8).
import { equals } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import {
  checkAnswerContent,
  claimedValue,
  leastEndorsers,
  verifyAnswer,
} from './cosigned-answer.ts';
import type { CosignedAnswer } from './cosigned-answer.ts';
import { provenDissent } from './dissent.ts';
import type { Dissenter } from './dissent.ts';
import { CodedError, isCodedError } from './errors.ts';
import { networkIdOf, parseFoundingDefinition } from './records/founding.ts';
import type { FoundingDefinition } from './records/founding.ts';
import { parseEpochEvidence } from './records/epoch-evidence.ts';
import type { EpochEvidence } from './records/epoch-evidence.ts';
import { parseTrustBundle } from './records/trust-bundle.ts';
import type { TrustBundle } from './records/trust-bundle.ts';
import { parseTypeDefinition } from './types/definition.ts';
import type { TypeDefinition } from './types/definition.ts';

/** A trust bundle that is believed: since when (unix seconds), who co-signed it, and whether it answered our own nonce. */
export interface TrustFacts {
  readonly bundle: TrustBundle;
  readonly at: number;
  readonly msps: readonly string[];
  readonly current: boolean;
  /** Who signed another one; nothing where nobody did. */
  readonly dissent?: readonly Dissenter[];
}

/** An epoch's evidence that is believed. */
export interface EpochFacts {
  readonly evidence: EpochEvidence;
  readonly at: number;
  readonly msps: readonly string[];
  readonly current: boolean;
  readonly dissent?: readonly Dissenter[];
}

/** What the checker holds: the pinned network id, its own nonce where it asked on line, and the least version to accept. */
export interface Pin {
  readonly networkId: Uint8Array;
  readonly nonce?: Uint8Array;
  readonly leastVersion?: number;
}

/** Seconds a proposal's time may be off a peer's clock. */
export const TIME_WINDOW = 120;

/** Believes a trust bundle. @throws ANSWER_* */
export function readTrustBundle(answer: CosignedAnswer, pin: Pin): TrustFacts {
  const bundle = shaped(() => parseTrustBundle(decodeCbor(claimedValue(answer))));
  if (!equals(networkIdOf(bundle.definition), pin.networkId)) {
    throw new CodedError('ANSWER_NETWORK', 'the answer is of another network');
  }
  const founding = foundingOf(bundle);
  const roots = new Map(founding.organisations.map((o) => [o.msp, o.rootCertificate]));
  const question = {
    channel: founding.channel,
    chaincode: 'zl',
    name: 'TrustBundle',
    request: pin.nonce === undefined ? () => true : encodeCbor({ nonce: pin.nonce }),
  };
  const least = leastEndorsers(founding.k, founding.organisations.length);
  const { value, at, msps } = verifyAnswer(answer, question, { roots, least });
  checkContent(bundle, pin);
  const dissent = provenDissent(answer, value, question, roots);
  return { bundle, at, msps, current: pin.nonce !== undefined, ...said(dissent) };
}

/** Believes the evidence of one epoch of an authority. @throws ANSWER_* */
export function readEpochEvidence(
  answer: CosignedAnswer,
  trust: TrustFacts,
  asked: { readonly uscc: string; readonly epoch: number },
  pin: Pin,
): EpochFacts {
  const { bundle } = trust;
  const authority = bundle.authorities.find((a) => a.uscc === asked.uscc);
  if (authority === undefined) throw new CodedError('ANSWER_QUESTION', 'an unknown authority');
  const founding = foundingOf(bundle);
  const admitted = bundle.organisations.filter((o) => o.status === 'admitted');
  const nonce = pin.nonce === undefined ? {} : { nonce: pin.nonce };
  const exact = encodeCbor({ uscc: asked.uscc, epoch: asked.epoch, ...nonce });
  const question = {
    channel: founding.channel,
    chaincode: `zl-${authority.msp.toLowerCase()}`,
    name: 'EpochEvidence',
    request: pin.nonce === undefined ? () => true : exact,
  };
  const roots = new Map(admitted.map((o) => [o.msp, o.rootCertificate]));
  const least = leastEndorsers(founding.k, admitted.length);
  const { value, at, msps } = verifyAnswer(answer, question, { roots, least });
  const evidence = shaped(() => parseEpochEvidence(decodeCbor(value)));
  if (evidence.uscc !== asked.uscc || evidence.epoch !== asked.epoch) {
    throw new CodedError('ANSWER_QUESTION', 'the answer is of another epoch');
  }
  checkContent(evidence, pin);
  const dissent = provenDissent(answer, value, question, roots);
  return { evidence, at, msps, current: pin.nonce !== undefined, ...said(dissent) };
}

/** The founding definition that a bundle carries. @throws ANSWER_SHAPE */
export function foundingOf(bundle: TrustBundle): FoundingDefinition {
  const known = parsedFoundings.get(bundle);
  if (known !== undefined) return known;
  const founding = shaped(() => parseFoundingDefinition(decodeCbor(bundle.definition)));
  parsedFoundings.set(bundle, founding);
  return founding;
}

const parsedFoundings = new WeakMap<TrustBundle, FoundingDefinition>();

/** The definition of a type by number and version, or undefined when the bundle has none that can be read. */
export function typeOf(
  bundle: TrustBundle,
  number: number,
  version: number,
): TypeDefinition | undefined {
  return typesOf(bundle).find((type) => type.number === number && type.version === version);
}

const parsedTypes = new WeakMap<TrustBundle, readonly TypeDefinition[]>();

/** All type definitions of a bundle that this program can read, parsed once a bundle. */
export function typesOf(bundle: TrustBundle): readonly TypeDefinition[] {
  const known = parsedTypes.get(bundle);
  if (known !== undefined) return known;
  const types = bundle.types.flatMap(({ definition }) => {
    try {
      return [parseTypeDefinition(definition)];
    } catch {
      return []; // made for a newer program: a licence of it is UNDETERMINED here
    }
  });
  parsedTypes.set(bundle, types);
  return types;
}

function said(dissent: readonly Dissenter[]): { readonly dissent?: readonly Dissenter[] } {
  return dissent.length === 0 ? {} : { dissent };
}

function checkContent(content: TrustBundle | EpochEvidence, pin: Pin): void {
  const { networkId, version, nonce } = content;
  checkAnswerContent(
    { networkId, version, ...(nonce === undefined ? {} : { nonce }) },
    {
      networkId: pin.networkId,
      version: pin.leastVersion ?? 0,
      ...(pin.nonce === undefined ? {} : { nonce: pin.nonce }),
    },
  );
}

function shaped<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!isCodedError(cause) || cause.code.startsWith('ANSWER_')) throw cause;
    throw new CodedError('ANSWER_SHAPE', 'the answer is not what was asked for', { cause });
  }
}
