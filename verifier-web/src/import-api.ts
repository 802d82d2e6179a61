// SPDX-License-Identifier: Apache-2.0
// Calls about imports (docs/imports.md): begin, follow, hold, end, decide.
import { call, identify } from './http.ts';
import * as json from './json.ts';
import { PageError } from './page-error.ts';

const role = 'officer';

const progress = {
  id: json.text,
  type: json.text,
  state: json.oneOf(
    'reading',
    'checking',
    'prepared',
    'running',
    'paused',
    'anchoring',
    'done',
    'checked',
    'refused',
    'cancelled',
    'failed',
  ),
  dryRun: json.bool,
  twoOfficers: json.bool,
  preparedBy: json.text,
  at: json.number,
  total: json.number,
  read: json.number,
  accepted: json.number,
  rejected: json.number,
  anchored: json.number,
  rate: json.optional(json.number),
  secondsLeft: json.optional(json.number),
  check: json.optional(json.record({ accepted: json.number, rejected: json.number })),
  decision: json.optional(
    json.record({ actor: json.text, approved: json.bool, reason: json.optional(json.text) }),
  ),
  failure: json.optional(json.text),
} as const;
const summaryShape = json.record(progress);
const progressShape = json.record({
  ...progress,
  errors: json.list(
    json.record({ line: json.number, slot: json.optional(json.text), reason: json.text }),
  ),
  next: json.optional(json.text),
});
const listShape = json.record({
  imports: json.list(summaryShape),
  next: json.optional(json.text),
});
const started = json.record({ id: json.text });

export type ImportSummary = json.Read<typeof summaryShape>;
export type ImportProgress = json.Read<typeof progressShape>;
/** What an officer does with an import that is under way. */
export type ImportVerb = 'pause' | 'resume' | 'cancel' | 'approve';

/** How a file is to be taken. */
export interface ImportWish {
  readonly type: string;
  readonly format: 'csv' | 'ndjson' | 'xlsx';
  readonly dryRun: boolean;
  readonly twoOfficers: boolean;
}

/** Every call throws GatewayProblem or PageError; `key` makes a repetition harmless. */
export const importApi = {
  start: (upload: string, wish: ImportWish, key: string) =>
    call({ path: `uploads/${upload}/import`, role, body: wish, key }, started),
  progress: (id: string) => call({ path: `imports/${id}`, role }, progressShape),
  act: (id: string, verb: ImportVerb, key: string) =>
    call({ path: `imports/${id}/${verb}`, role, body: {}, key }, summaryShape),
  refuse: (id: string, reason: string, key: string) =>
    call({ path: `imports/${id}/refuse`, role, body: { reason }, key }, summaryShape),
  list: () => call({ path: 'imports', role }, listShape),
  /** Every line with its reason, for a spreadsheet. */
  async results(id: string): Promise<Blob> {
    const headers = identify({ role });
    try {
      const answer = await fetch(`/v1/imports/${id}/results`, { headers, cache: 'no-store' });
      if (answer.ok) return await answer.blob();
    } catch (cause) {
      throw new PageError('GATEWAY_UNREACHABLE', 'no answer from the gateway', { cause });
    }
    throw new PageError('GATEWAY_ANSWER', 'no results');
  },
};
