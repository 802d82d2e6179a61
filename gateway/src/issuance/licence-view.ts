// SPDX-License-Identifier: Apache-2.0
// A licence as an answer shows it: sensitive fields masked unless asked otherwise, states put together from the
// licence's and its copies'.
import { formatDay } from '@zhenglian/core/days';
import { maskCitizenId } from '@zhenglian/core/identifiers/citizen-id';
import { slotValue } from '@zhenglian/core/copy';
import type { Slot, TypeDefinition } from '@zhenglian/core/types/definition';
import { formatSlotValue } from '@zhenglian/core/types/slot-value';
import type { CopyRecord } from './copy-record.ts';
import type { Attachments, LicenceRecord } from './licence-record.ts';

/** State of a licence for people: `queued` until its document is anchored. */
export function licenceState(licence: LicenceRecord, copies: readonly CopyRecord[]): string {
  if (licence.state === 'revoked' || licence.state === 'superseded') return licence.state;
  const document = copies.find(({ holderKey }) => holderKey === null);
  return document?.step === 'anchored' ? licence.state : 'queued';
}

/** State of a copy: its own, or that of the licence where it is worse. */
export function copyState(licence: LicenceRecord, copy: CopyRecord): string {
  if (copy.step !== 'anchored') return copy.step === 'abandoned' ? 'abandoned' : 'queued';
  const ended = licence.state === 'revoked' || licence.state === 'superseded';
  if (ended || copy.own === 'revoked') return 'revoked';
  return licence.state === 'suspended' ? 'suspended' : copy.own;
}

/** What belongs to a licence. */
export interface LicenceContent {
  readonly copies: readonly CopyRecord[];
  readonly attachments: Attachments;
}

/** The whole licence. */
export function viewLicence(
  licence: LicenceRecord,
  { copies, attachments }: LicenceContent,
  type: TypeDefinition,
  unmask: boolean,
) {
  const { id, typeVersion, number, version, uscc, supersedes, supersededBy } = licence;
  return {
    id,
    type: licence.type,
    typeVersion,
    number,
    version,
    state: licenceState(licence, copies),
    authority: uscc,
    fields: type.slots.flatMap((slot) => viewField(licence, attachments, { type, slot, unmask })),
    copies: copies.map((copy) => viewCopy(licence, copy)),
    ...(supersedes === undefined ? {} : { supersedes }),
    ...(supersededBy === undefined ? {} : { supersededBy }),
  };
}

/** A line of a search. */
export function summariseLicence(licence: LicenceRecord, copies: readonly CopyRecord[]) {
  const { id, type, number, version } = licence;
  return { id, type, number, state: licenceState(licence, copies), version };
}

/** Whose licence it is, by the slot the type names for it. */
export function holderName(licence: LicenceRecord, type: TypeDefinition): string {
  const slot = type.slots.find(({ name }) => name === type.name);
  return slot === undefined
    ? ''
    : formatSlotValue(slot, slotValue(type, licence.values, slot.name));
}

function viewField(
  licence: LicenceRecord,
  attachments: Attachments,
  { type, slot, unmask }: { type: TypeDefinition; slot: Slot; unmask: boolean },
) {
  const text =
    attachments.get(slot.name) ?? formatSlotValue(slot, slotValue(type, licence.values, slot.name));
  if (text === '') return [];
  const masked = slot.sensitive === true && !unmask;
  return [{ slot: slot.name, label: slot.label, text: masked ? mask(slot, text) : text, masked }];
}

function mask(slot: Slot, text: string): string {
  return slot.kind === 'citizen-id' ? maskCitizenId(text) : '***';
}

function viewCopy(licence: LicenceRecord, copy: CopyRecord) {
  const { id, holderKey, place } = copy;
  return {
    id,
    kind: holderKey === null ? ('document' as const) : ('device' as const),
    state: copyState(licence, copy),
    epoch: place.epoch,
    index: place.index,
    firstDay: formatDay(place.firstDay),
    lastDay: formatDay(place.lastDay),
  };
}
