// SPDX-License-Identifier: Apache-2.0
// Renewing a device copy: the old key orders a copy for a new one, which takes its place in the same write.
import { toBase64, toHex } from '@zhenglian/core/bytes';
import { renewalPayload } from '@zhenglian/core/claim';
import { dayAt, formatDay } from '@zhenglian/core/days';
import { forgetOrder, joinLicence, orderCopies } from './claiming.ts';
import type { OrderContext } from './claiming.ts';
import { copyOfHeld, keepLicence } from './held-licence.ts';
import type { HeldCopy, HeldLicence } from './held-licence.ts';
import { forgetHolderKey } from './holder-keys.ts';
import { walletError } from './wallet-error.ts';
import type { Change, WalletFile } from './wallet-file.ts';

const DAYS_BEFORE_END = 60;

/** The copies whose time it is: 60 days before their end, sooner where the gateway said so, or all by force. */
export function dueCopies(licence: HeldLicence, now: number, force: boolean): readonly HeldCopy[] {
  const today = dayAt(now);
  return licence.copies.filter(
    (held) =>
      force || now >= licence.renewAfter || copyOfHeld(held).lastDay - today <= DAYS_BEFORE_END,
  );
}

/** Renews one copy; gives the last day of the new one. @throws as `orderCopies` */
export async function renewCopy(
  context: OrderContext,
  licence: HeldLicence,
  old: HeldCopy,
): Promise<string> {
  const { kid, epoch, index } = copyOfHeld(old);
  const ordered = await orderCopies(context, {
    name: renewalOf(old),
    route: 'renewals',
    signedWith: old.keyRef,
    payload: (newHolderKey, at) =>
      renewalPayload({ kid, epoch, index, newHolderKey, gateway: context.msp, at }),
    body: (newKey, oldKey) => ({
      copy: { kid: toHex(kid), epoch, index },
      holderKey: toBase64(oldKey),
      newHolderKey: toBase64(newKey),
    }),
  });
  if (ordered.answer.licence !== licence.id) {
    throw walletError('GATEWAY_ANSWER', 'another licence was given for this one');
  }
  const renewed = await joinLicence(context, ordered, (held) => held.keyRef !== old.keyRef);
  const { file } = context;
  await file.write([keepLicence(renewed), forgetHolderKey(old.keyRef), ...ordered.changes]);
  return formatDay(Math.max(...ordered.copies.map((held) => copyOfHeld(held).lastDay)));
}

/** Changes that forget the keys of a licence, and those of renewals that were never finished. */
export async function forgetKeys(file: WalletFile, licence: HeldLicence): Promise<Change[]> {
  const orders = licence.copies.map((held) => forgetOrder(file, renewalOf(held)));
  const keys = licence.copies.map(({ keyRef }) => forgetHolderKey(keyRef));
  return [...keys, ...(await Promise.all(orders)).flat()];
}

function renewalOf({ keyRef }: HeldCopy): string {
  return `renewal/${keyRef}`;
}
