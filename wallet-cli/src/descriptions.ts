// SPDX-License-Identifier: Apache-2.0
// A licence in words and in JSON, for its owner.
import { toHex } from '@zhenglian/core/bytes';
import { licenceNumber, slotValue } from '@zhenglian/core/copy';
import type { Copy } from '@zhenglian/core/copy';
import { formatDay } from '@zhenglian/core/days';
import type { Label, TypeDefinition } from '@zhenglian/core/types/definition';
import { formatSlotValue, slotValueLabel } from '@zhenglian/core/types/slot-value';
import type { CommandResult } from './commands/command.ts';
import { copyOfHeld, typeOfHeld } from './held-licence.ts';
import type { HeldLicence } from './held-licence.ts';
import { formatTable } from './output.ts';
import { speak } from './words.ts';
import type { Lang } from './words.ts';

const CLAIMED = {
  zh: '已领取：{label}（{issuer}），到 {day}',
  en: 'Claimed: {label} ({issuer}), until {day}',
};
const UNVERIFIED = {
  zh: '注意：网关没有给出信任清单，颁发机构的签名尚未核验。',
  en: 'Note: the gateway gave no trust bundle; the issuer’s signature was not checked.',
};
const OTHERS = {
  zh: '这份证照另有 {count} 个副本在别的钱包里；若不是您的，请告知颁发机构。',
  en: 'Another {count} copies of this licence are in other wallets: if not yours, tell the office.',
};

/** What core writes of a flag or an open end, in words; the page says the same. */
const FIXED: Readonly<Record<string, Label>> = {
  true: { zh: '是', en: 'Yes' },
  false: { zh: '否', en: 'No' },
  长期: { zh: '长期', en: 'No end date' },
};
const NUMBER = { zh: '证照编号', en: 'Licence number' };
const HANDLE = { zh: '系统编号', en: 'Handle' };

/** A licence with everything in it, as JSON. */
export function describeLicence(licence: HeldLicence) {
  const type = typeOfHeld(licence);
  const opened = licence.copies.map((held) => ({ held, copy: copyOfHeld(held) }));
  const newest = opened.at(-1)?.copy;
  return {
    id: licence.id,
    type: type.code,
    typeVersion: type.version,
    label: type.label,
    number: newest ? licenceNumber(type, licence.issuer.uscc, newest.values) : null,
    issuer: licence.issuer,
    gateway: licence.gateway,
    networkId: toHex(licence.networkId),
    fields: newest ? describeFields(type, newest) : [],
    attachments: Object.fromEntries(licence.attachments),
    sets: type.sets.map(({ name, label, slots }) => ({ name, label, fields: slots })),
    copies: opened.map(({ held, copy }) => ({
      ...placeOf(copy),
      firstDay: formatDay(copy.firstDay),
      lastDay: formatDay(copy.lastDay),
      verified: held.verified,
      uses: held.uses,
    })),
    otherCopies: foreignCopies(licence),
  };
}

/** The same for people. */
export function licenceText(licence: ReturnType<typeof describeLicence>, lang: Lang): string {
  const fields = licence.fields.map(({ label, text, valueLabel, name }) => {
    return [label[lang], sayValue(text, valueLabel, lang), name];
  });
  const copies = licence.copies.map((each) => {
    return [`${each.epoch}/${each.index}`, `${each.firstDay} – ${each.lastDay}`];
  });
  const sets = licence.sets.map(({ name, label }) => [`--set ${name}`, label[lang]]);
  return [
    `${licence.label[lang]}  ${licence.issuer.name[lang]}`,
    formatTable([
      [NUMBER[lang], licence.number ?? '–'],
      [HANDLE[lang], licence.id],
    ]),
    formatTable(fields),
    formatTable(copies),
    formatTable(sets),
    ...warnings(licence, lang),
  ].join('\n\n');
}

/** The outcome of a claim. */
export function describeClaim(licence: HeldLicence, verified: boolean, lang: Lang): CommandResult {
  const { label, code } = typeOfHeld(licence);
  const { id, issuer } = licence;
  const lastDay = formatDay(Math.max(...licence.copies.map((held) => copyOfHeld(held).lastDay)));
  const words = { label: label[lang], issuer: issuer.name[lang], day: lastDay };
  const otherCopies = foreignCopies(licence);
  const copies = licence.copies.length;
  return {
    json: { licence: id, type: code, issuer, lastDay, copies, verified, otherCopies },
    text: [
      speak(CLAIMED, lang, words),
      ...warnings({ otherCopies, copies: [{ verified }] }, lang),
    ].join('\n'),
  };
}

function sayValue(text: string, label: Label | undefined, lang: Lang): string {
  if (text === '') return '–';
  if (label !== undefined) return `${text} ${label[lang]}`;
  const words = Object.hasOwn(FIXED, text) ? FIXED[text] : undefined;
  return words === undefined ? text : words[lang];
}

function describeFields(type: TypeDefinition, copy: Copy) {
  return type.slots
    .filter(({ kind }) => kind !== 'spare')
    .map((slot) => {
      const value = slotValue(type, copy.values, slot.name);
      const valueLabel = slotValueLabel(slot, value);
      const { name, label } = slot;
      const text = formatSlotValue(slot, value);
      return { name, label, text, ...(valueLabel === undefined ? {} : { valueLabel }) };
    });
}

/** Other copies of the licence that are not in this wallet too. */
function foreignCopies(licence: HeldLicence) {
  const own = new Set(licence.copies.map((held) => placeText(placeOf(copyOfHeld(held)))));
  return licence.otherCopies
    .filter((other) => !own.has(placeText(other)))
    .map(({ firstDay, lastDay, ...rest }) => ({
      ...rest,
      firstDay: formatDay(firstDay),
      lastDay: formatDay(lastDay),
    }));
}

function warnings(
  licence: {
    readonly otherCopies: readonly { readonly state: string }[];
    readonly copies: readonly { readonly verified: boolean }[];
  },
  lang: Lang,
): readonly string[] {
  const count = licence.otherCopies.filter(({ state }) => state !== 'revoked').length;
  return [
    ...(licence.copies.every(({ verified }) => verified) ? [] : [UNVERIFIED[lang]]),
    ...(count === 0 ? [] : [speak(OTHERS, lang, { count })]),
  ];
}

interface Place {
  readonly kid: string;
  readonly epoch: number;
  readonly index: number;
}

function placeOf({ kid, epoch, index }: Copy): Place {
  return { kid: toHex(kid), epoch, index };
}

function placeText({ kid, epoch, index }: Place): string {
  return `${kid}-${String(epoch)}-${String(index)}`;
}
