// SPDX-License-Identifier: Apache-2.0
// Showing a copy: some of its fields become a wire; a wire with its type becomes the signed object again.
import { CodedError } from './errors.ts';
import { decodeMask, discloseFields, encodeMask, rebuildFieldRoots } from './field-tree.ts';
import type { Copy } from './copy.ts';
import { encodeCoseSign1, encodePayload } from './payload.ts';
import { qrVersionOf } from './qr-size.ts';
import { treeLeaves } from './types/definition.ts';
import type { DisclosureSet, Slot, TypeDefinition } from './types/definition.ts';
import { isSlotValue } from './types/slot-value.ts';
import type { SlotValue } from './types/slot-value.ts';
import { formatWire } from './wire.ts';
import type { Wire } from './wire.ts';

/** A disclosed field: its slot and value, null when the licence does not have it. */
export interface ShownField {
  readonly slot: Slot;
  readonly value: SlotValue;
}

/** What a verifier gets out of a wire once it has the type: the signed bytes and the shown fields. */
export interface OpenedPresentation {
  readonly payload: Uint8Array;
  readonly cose: Uint8Array;
  readonly fields: readonly ShownField[];
}

const PROOF_CHARACTERS = 106; // base45 of the proof (64), its longer head and the time, rounded up

/** The wire that opens the named slots of a copy. @throws FIELD_INVALID for a slot the type does not have */
export function presentSlots(copy: Copy, type: TypeDefinition, slots: readonly string[]): Wire {
  const leaves = treeLeaves(type.tree);
  const open = new Set(
    slots.map((name) => {
      const leaf = leaves.indexOf(name);
      if (leaf < 0) throw new CodedError('FIELD_INVALID', `${name} is not a field of this licence`);
      return leaf;
    }),
  );
  if (open.size === 0) throw new CodedError('FIELD_INVALID', 'name at least one field to show');
  const { tree } = type;
  const fields = { tree, values: copy.values, seed: copy.seed, position: copy };
  return {
    typeNumber: copy.typeNumber,
    typeVersion: copy.typeVersion,
    signature: copy.signature,
    kid: copy.kid,
    epoch: copy.epoch,
    index: copy.index,
    firstDay: copy.firstDay,
    lastDay: copy.lastDay,
    mask: encodeMask(open),
    proof: discloseFields(fields, open),
    values: copy.values.filter((_, leaf) => open.has(leaf)),
    ...(copy.holderKey === null ? {} : { holder: { key: copy.holderKey } }),
    extensions: copy.extensions,
  };
}

/** The wire of a disclosure set; long values close their slots, in the set's order, until the code fits. */
export function presentSet(copy: Copy, type: TypeDefinition, set: DisclosureSet): Wire {
  const dropped = new Set<string>();
  for (const next of [...(set.drop ?? []), undefined]) {
    const wire = presentSlots(
      copy,
      type,
      set.slots.filter((name) => !dropped.has(name)),
    );
    const length = formatWire(wire).length + (copy.holderKey === null ? 0 : PROOF_CHARACTERS);
    if (next === undefined || fits(length, set.qrVersion)) return wire;
    dropped.add(next);
  }
  throw new TypeError('unreachable: the last round returns');
}

/**
 * Rebuilds the signed object of a wire.
 * @throws WIRE_MASK, WIRE_PROOF, WIRE_VALUE
 */
export function openPresentation(wire: Wire, type: TypeDefinition): OpenedPresentation {
  const [opened] = openPresentations([{ wire, type }]);
  if (opened === undefined) return unreachable();
  if (opened instanceof CodedError) throw opened;
  return opened;
}

/** The same of many wires, their trees hashed together; for each what `openPresentation` gives or throws. */
export function openPresentations(
  shown: readonly { readonly wire: Wire; readonly type: TypeDefinition }[],
): readonly (OpenedPresentation | CodedError)[] {
  const read = shown.map(({ wire, type }) => coded(() => readDisclosure(wire, type)));
  const roots = rebuildFieldRoots(
    read.flatMap((each) => (each instanceof CodedError ? [] : [each.disclosed])),
  );
  let next = 0;
  return read.map((each, i) => {
    if (each instanceof CodedError) return each;
    const fieldRoot = roots[next++] ?? unreachable();
    if (fieldRoot instanceof CodedError) return fieldRoot;
    const { wire } = shown[i] ?? unreachable();
    const { typeNumber, typeVersion, epoch, index, firstDay, lastDay, extensions } = wire;
    const payload = encodePayload({
      typeNumber,
      typeVersion,
      epoch,
      index,
      firstDay,
      lastDay,
      holderKey: wire.holder?.key ?? null,
      fieldRoot,
      extensions,
    });
    return {
      payload,
      cose: encodeCoseSign1(wire.kid, payload, wire.signature),
      fields: each.fields,
    };
  });
}

function readDisclosure(wire: Wire, type: TypeDefinition) {
  const leaves = treeLeaves(type.tree);
  const open = decodeMask(wire.mask, leaves.length);
  const inOrder = [...open].sort((a, b) => a - b);
  const fields = readFields(wire, type, inOrder, leaves);
  const values = fields.map((field) => field.value);
  const disclosed = { tree: type.tree, open, values, proof: wire.proof, position: wire };
  return { fields, disclosed };
}

function coded<T>(read: () => T): T | CodedError {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
}

function unreachable(): never {
  throw new TypeError('unreachable: one answer a presentation');
}

function readFields(
  wire: Wire,
  type: TypeDefinition,
  open: readonly number[],
  leaves: readonly string[],
): readonly ShownField[] {
  if (wire.values.length !== open.length) {
    throw new CodedError('WIRE_VALUE', 'not one value for each open field');
  }
  return open.map((leaf, i) => {
    const slot = type.slots.find((s) => s.name === leaves[leaf]);
    const value = wire.values[i];
    if (slot === undefined || !isSlotValue(slot, value)) {
      throw new CodedError(
        'WIRE_VALUE',
        `the value of ${slot?.name ?? 'a field'} is not of its kind`,
      );
    }
    return { slot, value };
  });
}

function fits(characters: number, qrVersion: number | undefined): boolean {
  const needed = qrVersionOf('0'.repeat(characters));
  return needed !== undefined && needed <= (qrVersion ?? 40);
}
