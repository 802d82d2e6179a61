// SPDX-License-Identifier: Apache-2.0
// What a form may ask for, and what is wrong with its texts: core's own parser, so that a form says at once what the
// gateway would.
import { dayAt } from '@zhenglian/core/days';
import { isCodedError } from '@zhenglian/core/errors';
import { parseFields } from '@zhenglian/core/fields';
import type { FieldProblem } from '@zhenglian/core/fields';
import type { Slot, TypeDefinition } from '@zhenglian/core/types/definition';
import { GatewayProblem } from './http.ts';

const MADE_BY_ISSUER = new Set(['serial', 'version', 'at-least', 'spare']);
const SOME_DIGEST = '0'.repeat(64);

/** Slots a person fills in. */
export function openSlots(type: TypeDefinition): readonly Slot[] {
  return type.slots.filter((slot) => !MADE_BY_ISSUER.has(slot.kind));
}

/** Reasons by slot; empty when the gateway should accept the texts. */
export function checkTexts(
  type: TypeDefinition,
  texts: Readonly<Record<string, string>>,
  context: { readonly now: number; readonly testIdentities: boolean },
): Readonly<Record<string, string>> {
  const given = Object.fromEntries(
    openSlots(type).map((slot) => {
      const text = (texts[slot.name] ?? '').trim();
      // The gateway makes the digest of a long text; any stands for it here.
      return [slot.name, slot.kind === 'digest' && text !== '' ? SOME_DIGEST : text];
    }),
  );
  const { now, testIdentities } = context;
  try {
    parseFields(type, given, { today: dayAt(now), testIdentities });
    return {};
  } catch (error) {
    if (!isCodedError(error, 'FIELD_INVALID')) throw error;
    return Object.fromEntries(problemsOf(error.detail).map((p) => [p.slot, p.reason]));
  }
}

/** Reasons by slot out of what the gateway answered. */
export function slotProblems(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof GatewayProblem)) return {};
  return Object.fromEntries(
    error.problems.flatMap(({ slot, reason }) => (slot === undefined ? [] : [[slot, reason]])),
  );
}

function problemsOf(detail: unknown): readonly FieldProblem[] {
  const list: readonly unknown[] = Array.isArray(detail) ? detail : [];
  return list.filter(
    (each): each is FieldProblem =>
      typeof each === 'object' && each !== null && 'slot' in each && 'reason' in each,
  );
}
