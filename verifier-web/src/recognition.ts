// SPDX-License-Identifier: Apache-2.0
// Asks this province's gateway whether it recognises another province's licence (docs/api.md §4).
import { call } from './http.ts';
import type { Purpose } from './http.ts';
import * as json from './json.ts';

const recognitionShape = json.record({
  recognition: json.record({
    outcome: json.oneOf('recognised', 'refused', 'unknown'),
    reason: json.text,
    rule: json.optional(json.record({ from: json.text, to: json.text, label: json.label })),
    conditions: json.optional(
      json.list(
        json.record({
          logic: json.anything,
          fields: json.list(json.text),
          outcome: json.oneOf('met', 'unmet', 'unknown'),
        }),
      ),
    ),
    fields: json.list(json.record({ name: json.text, text: json.text })),
  }),
  receipt: json.optional(json.record({ payload: json.text, signature: json.text, kid: json.text })),
});

export type RecognitionAnswer = json.Read<typeof recognitionShape>;

/** One part of a rule's condition and what came of it. */
export type ConditionPart = NonNullable<RecognitionAnswer['recognition']['conditions']>[number];

/** Asks once; the same key gives the same answer. @throws GatewayProblem, PageError */
export function askRecognition(question: {
  readonly presentation: string;
  readonly act: string;
  readonly request?: string;
  readonly purpose: Purpose;
  readonly key: string;
}): Promise<RecognitionAnswer> {
  const { purpose, key, ...body } = question;
  return call({ path: 'recognitions', role: 'clerk', purpose, key, body }, recognitionShape);
}
