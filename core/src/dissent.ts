// SPDX-License-Identifier: Apache-2.0
// Organisations that signed another answer than the others to one and the same question (docs/ledger.md §8): their own word, which they cannot
// take back. What nobody of the network signed is nobody's word, so a gateway cannot blame anybody.
import { equals } from './bytes.ts';
import { decodeCbor } from './cbor.ts';
import { verifyAnswer } from './cosigned-answer.ts';
import type { CosignedAnswer, Question } from './cosigned-answer.ts';
import { isCodedError } from './errors.ts';
import { parseEpochEvidence } from './records/epoch-evidence.ts';
import type { StatusState } from './records/status.ts';

/** Who said otherwise, and what: deterministic CBOR. */
export interface Dissenter {
  readonly msp: string;
  readonly value: Uint8Array;
}

/** The dissent of an answer that holds: signed by a peer under its organisation's root, on this question, and of another value. */
export function provenDissent(
  answer: CosignedAnswer,
  value: Uint8Array,
  question: Question,
  roots: ReadonlyMap<string, Uint8Array>,
): readonly Dissenter[] {
  return (answer.dissent ?? []).flatMap(({ payload, ...endorsement }) => {
    const alone = { proposal: answer.proposal, payload, endorsements: [endorsement] };
    try {
      const said = verifyAnswer(alone, question, { roots, least: 1 });
      if (equals(said.value, value)) return [];
      return said.msps.map((msp) => ({ msp, value: said.value }));
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return [];
    }
  });
}

/** The state that a dissenter's evidence of an epoch gives an index; undefined where it says nothing that can be read. */
export function dissentingState({ value }: Dissenter, index: number): StatusState | undefined {
  try {
    const { statuses, covered } = parseEpochEvidence(decodeCbor(value));
    const found = statuses.find((status) => status.index === index);
    return found?.state ?? (index < covered ? 'valid' : undefined);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return undefined;
  }
}
