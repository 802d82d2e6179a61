// SPDX-License-Identifier: Apache-2.0
// A licence type is data (docs/credential-format.md §6): what it is called, which slots it has, how they are nested,
// what may be shown together. It comes from the ledger by vote, so it is parsed as untrusted bytes are.
import type { CborValue } from '../cbor.ts';
import { CodedError, isCodedError } from '../errors.ts';
import { bool, dictionary, integer, list, oneOf, optional, record, text } from '../shape.ts';
import type { Shaped } from '../shape.ts';

/** A label in both languages of the product. */
export const label = record({ zh: text(200), en: text(200) });
export type Label = Shaped<typeof label>;

/** What a slot's value is; docs/credential-format.md §4.1. */
export const SLOT_KINDS = [
  'text',
  'citizen-id',
  'uscc',
  'date',
  'end-date',
  'code',
  'codes',
  'boolean',
  'file-number',
  'serial',
  'version',
  'digest',
  'at-least',
  'spare',
] as const;

const NAME = /^[a-z][A-Za-z0-9]{0,31}$/;
const CODE = /^[a-z][a-z0-9-]{0,31}$/;
const MAX_SLOTS = 32;
const MAX_DEPTH = 12;

const slot = record({
  name: text(32, NAME),
  kind: oneOf(...SLOT_KINDS),
  label,
  required: optional(bool),
  max: optional(integer(1, 340)),
  values: optional(dictionary(codeKey, label)),
  sensitive: optional(bool),
});
const constraint = record({
  rule: oneOf('birth-date-of', 'sex-of', 'at-least', 'ends-after'),
  slot: text(32, NAME),
  from: text(32, NAME),
  years: optional(integer(1, 150)),
});
const disclosureSet = record({
  name: text(32, CODE),
  label,
  slots: list(text(32, NAME), MAX_SLOTS),
  drop: optional(list(text(32, NAME), MAX_SLOTS)),
  qrVersion: optional(integer(1, 40)),
});
const definition = record({
  code: text(32, CODE),
  number: integer(1, 65_535),
  version: integer(1, 999),
  identifierCode: text(21, /^[0-9A-Z]{18}\d{3}$/),
  label,
  holder: oneOf('person', 'enterprise'),
  subject: text(32, NAME),
  name: text(32, NAME),
  validity: record({ from: text(32, NAME), to: optional(text(32, NAME)) }),
  documentDays: integer(1, 3650),
  deviceDays: integer(1, 365),
  pendingRelease: bool,
  /** One officer prepares, another approves; absent where one may do both. */
  approval: optional(oneOf('two-officers')),
  tree: parseTree,
  slots: list(slot, MAX_SLOTS),
  sets: list(disclosureSet, 16),
  constraints: list(constraint, 16),
});

/** A leaf is a slot's name, a node a pair. */
export type SlotTree = string | readonly [SlotTree, SlotTree];
export type Slot = Shaped<typeof slot>;
export type SlotKind = Slot['kind'];
export type DisclosureSet = Shaped<typeof disclosureSet>;
export type TypeDefinition = Shaped<typeof definition>;

/** Parses a definition and checks that its parts fit together. @throws TYPE_INVALID */
export function parseTypeDefinition(value: CborValue): TypeDefinition {
  let parsed: TypeDefinition;
  try {
    parsed = definition(value, 'definition');
  } catch (cause) {
    if (!isCodedError(cause, 'SHAPE_INVALID')) throw cause;
    throw new CodedError('TYPE_INVALID', cause.message, { cause });
  }
  checkConsistency(parsed);
  return parsed;
}

/** Names of the leaves, in tree order. */
export function treeLeaves(tree: SlotTree): readonly string[] {
  if (typeof tree === 'string') return [tree];
  const known = leavesOf.get(tree) ?? [...treeLeaves(tree[0]), ...treeLeaves(tree[1])];
  leavesOf.set(tree, known);
  return known;
}

/** Walked once a tree: a definition keeps its object. */
const leavesOf = new WeakMap<Exclude<SlotTree, string>, readonly string[]>();

function checkConsistency(type: TypeDefinition): void {
  const leaves = treeLeaves(type.tree);
  const names = type.slots.map((s) => s.name);
  const known = new Set(names);
  const demand = (holds: boolean, what: string) => {
    if (!holds) throw new CodedError('TYPE_INVALID', what);
  };
  demand(known.size === names.length, 'a slot is declared twice');
  demand(new Set(leaves).size === leaves.length, 'a slot stands twice in the tree');
  demand(leaves.length === names.length, 'tree and slots do not name the same slots');
  demand(
    leaves.every((name) => known.has(name)),
    'tree and slots do not name the same slots',
  );
  const used = [
    type.subject,
    type.name,
    type.validity.from,
    ...(type.validity.to === undefined ? [] : [type.validity.to]),
    ...type.sets.flatMap((s) => [...s.slots, ...(s.drop ?? [])]),
    ...type.constraints.flatMap((c) => [c.slot, c.from]),
  ];
  demand(
    used.every((name) => known.has(name)),
    'a set or constraint names an unknown slot',
  );
  demand(
    type.sets.every((s) => s.slots.length > 0),
    'a disclosure set is empty',
  );
  for (const kind of ['serial', 'version'] as const) {
    demand(type.slots.filter((s) => s.kind === kind).length === 1, `not exactly one ${kind} slot`);
  }
  demand(
    type.slots.every((s) => !s.kind.startsWith('code') || (s.values?.size ?? 0) > 0),
    'a code slot has no values',
  );
}

function codeKey(value: CborValue | undefined): string | number {
  if (typeof value === 'string' && value.length > 0 && value.length <= 64) return value;
  return integer(0, 65_535)(value, 'values');
}

function parseTree(value: CborValue | undefined, path: string): SlotTree {
  return treeAt(value, path, 0);
}

function treeAt(value: CborValue | undefined, path: string, depth: number): SlotTree {
  if (depth > MAX_DEPTH) throw new CodedError('TYPE_INVALID', 'the tree is too deep');
  if (!Array.isArray(value)) return text(32, NAME)(value, path);
  const pair: readonly CborValue[] = value;
  if (pair.length !== 2) throw new CodedError('TYPE_INVALID', 'a node of the tree is a pair');
  return [treeAt(pair[0], path, depth + 1), treeAt(pair[1], path, depth + 1)];
}

/** A definition written in code, checked when it is loaded. */
export function defineType(type: TypeDefinition & { readonly tree: SlotTree }): TypeDefinition {
  checkConsistency(type);
  return type;
}
