// SPDX-License-Identifier: Apache-2.0
// The licences that are measured: those of the vectors, and as many of the generated samples as one likes, minted
// as a document and as a device copy.
import { readFileSync } from 'node:fs';
import { sm2, sm3 } from '@zhenglian/guomi';
import { toHex, utf8 } from '@zhenglian/core/bytes';
import { copyLastDay, mintCopy } from '@zhenglian/core/copy';
import type { Copy } from '@zhenglian/core/copy';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import { provePossession } from '@zhenglian/core/possession';
import { openPresentation, presentSet } from '@zhenglian/core/presentation';
import { compressKey } from '@zhenglian/core/signing';
import type { Signer } from '@zhenglian/core/signing';
import { BUSINESS } from '@zhenglian/core/types/business';
import type { DisclosureSet, TypeDefinition } from '@zhenglian/core/types/definition';
import { DRIVING } from '@zhenglian/core/types/driving';
import { RESIDENT_ID } from '@zhenglian/core/types/resident-id';
import { formatSlotValue } from '@zhenglian/core/types/slot-value';
import type { SlotValue } from '@zhenglian/core/types/slot-value';
import { formatWire, parseWire } from '@zhenglian/core/wire';
import type { Wire } from '@zhenglian/core/wire';
import { generateBusinesses, generateDrivers, generatePeople } from '../../samples.ts';
import { SAMPLE_DAY } from '../../samples-people.ts';

/** Noon in Beijing of the day the samples are made for. */
export const SAMPLE_NOON = SAMPLE_DAY * 86_400 + 4 * 3600;
export const NETWORK_ID = new Uint8Array(32).fill(0x5a);
export const MINTED_TYPES: readonly TypeDefinition[] = [DRIVING, RESIDENT_ID, BUSINESS];

/** How a licence is carried: on paper, or with the key of a phone. */
export type Carrier = 'printed' | 'by phone';
export const CARRIERS: readonly Carrier[] = ['printed', 'by phone'];

/** Texts of fields by name, as people read them. */
export type FieldTexts = Readonly<Record<string, string>>;

/** A code and what it shows. */
export interface ShownCode {
  readonly text: string;
  readonly shown: readonly string[];
}

/** One licence: every field it has, and its codes. */
export interface BenchLicence {
  readonly type: TypeDefinition;
  readonly texts: FieldTexts;
  readonly present: (set: DisclosureSet, carrier: Carrier) => ShownCode;
}

/** A signer over a fresh key. */
export function createSigner(): Signer {
  const { secretKey, publicKey } = sm2.generateKeyPair();
  return { publicKey, sign: (message) => sm2.sign(message, secretKey) };
}

/** The licences of test/vectors/licence.json, one a type. */
export function readVectorLicences(): BenchLicence[] {
  const codes = readVectorCodes();
  return MINTED_TYPES.map((type) => {
    const own = [...codes].filter(([name]) => name.startsWith(`${type.code} `));
    const present = (set: DisclosureSet, carrier: Carrier): ShownCode => {
      const text = codes.get(`${type.code} ${set.name} ${carrier}`);
      if (text === undefined) throw new Error(`no vector of ${type.code} ${set.name} ${carrier}`);
      return { text, shown: Object.keys(textsOf(parseWire(text), type)) };
    };
    const texts = Object.fromEntries(
      own.flatMap(([, text]) => Object.entries(textsOf(parseWire(text), type))),
    );
    return { type, texts, present };
  });
}

/** Sample licences of a type, minted with fresh keys; a seed gives the same licences. */
export function mintSampleLicences(
  type: TypeDefinition,
  seed: string,
  count: number,
): BenchLicence[] {
  const authority = createSigner();
  const holder = createSigner();
  const rows: readonly FieldTexts[] = SAMPLERS[type.code]?.(seed, count) ?? [];
  return rows.map((row, i) => mintSample(type, row, { authority, holder, index: i % 65_536 }));
}

const SAMPLERS: Readonly<Record<string, (seed: string, count: number) => readonly FieldTexts[]>> = {
  [DRIVING.code]: generateDrivers,
  [RESIDENT_ID.code]: generatePeople,
  // The scope travels beside the code; what is signed is its digest.
  [BUSINESS.code]: (seed, count) =>
    generateBusinesses(seed, count).map((row) => ({
      ...row,
      businessScope: toHex(sm3.hash(utf8(row.businessScope))),
    })),
};

function mintSample(
  type: TypeDefinition,
  row: FieldTexts,
  {
    authority,
    holder,
    index,
  }: { readonly authority: Signer; readonly holder: Signer; readonly index: number },
): BenchLicence {
  const parsed = parseFields(type, row, { today: SAMPLE_DAY, testIdentities: true });
  const serial = crypto.getRandomValues(new Uint8Array(8));
  const values = valuesInTreeOrder(type, parsed, serial, 1);
  const mint = (holderKey: Uint8Array | null): Copy =>
    mintCopy(orderOf(type, values, index, holderKey), NETWORK_ID, authority);
  const [document, device] = [mint(null), mint(compressKey(holder.publicKey))];
  const present = (set: DisclosureSet, carrier: Carrier): ShownCode => {
    const wire =
      carrier === 'printed'
        ? presentSet(document, type, set)
        : provePossession(presentSet(device, type, set), holder, {
            networkId: NETWORK_ID,
            at: SAMPLE_NOON,
          });
    return { text: formatWire(wire), shown: Object.keys(textsOf(wire, type)) };
  };
  const everything = presentSet(document, type, {
    name: 'everything',
    label: type.label,
    slots: type.slots.map((slot) => slot.name),
  });
  return { type, texts: textsOf(everything, type), present };
}

/** What an authority decides of a sample copy; the seed is fresh. */
export function orderOf(
  type: TypeDefinition,
  values: readonly SlotValue[],
  index: number,
  holderKey: Uint8Array | null,
) {
  return {
    type,
    values,
    epoch: 1,
    index,
    firstDay: SAMPLE_DAY,
    lastDay: copyLastDay(type, values, SAMPLE_DAY, holderKey !== null),
    holderKey,
    seed: crypto.getRandomValues(new Uint8Array(16)),
  };
}

function textsOf(wire: Wire, type: TypeDefinition): FieldTexts {
  const { fields } = openPresentation(wire, type);
  return Object.fromEntries(
    fields
      .filter(({ value }) => value !== null)
      .map(({ slot, value }) => [slot.name, formatSlotValue(slot, value)]),
  );
}

/** Texts of the good vectors by name. */
function readVectorCodes(): ReadonlyMap<string, string> {
  const file = new URL('../../../test/vectors/licence.json', import.meta.url);
  const parsed = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly good: readonly { readonly name: string; readonly text: string }[];
  };
  return new Map(parsed.good.map(({ name, text }) => [name, text]));
}
