// SPDX-License-Identifier: Apache-2.0
// Why a field or a line of a file was refused, and what a column is called, in the language shown.
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { describeFieldReason } from '@zhenglian/core/types/field-reason';
import { sayLabel } from './language.ts';

/** A reason in words; the type and slot, where they are known, make it say what exactly is wrong. */
export function sayFieldReason(reason: string, name?: string, type?: TypeDefinition): string {
  return sayLabel(describeFieldReason(reason, name, type));
}

/** A column as people call it; the name in the file beside it. */
export function saySlot(name: string, type?: TypeDefinition): string {
  const slot = type?.slots.find((each) => each.name === name);
  return slot === undefined ? name : `${sayLabel(slot.label)} ${name}`;
}
