// SPDX-License-Identifier: Apache-2.0
// Verb `create-administrator`: the first account of a gateway. The activation code is made by the command and printed
// there; what is ordered and stored is its digest, so that no file ever holds the code.
import { z } from 'zod';
import { accountLabel } from '../accounts/account-record.ts';
import type { AccountParts } from '../accounts/account-parts.ts';
import { createFirstAdministrator } from '../accounts/first-administrator.ts';
import { createInvitation } from '../accounts/invitation.ts';
import type { NewInvitation } from '../accounts/invitation.ts';
import type { RandomBytes } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import { name as accountName } from '../schemas/accounts.ts';
import type { Store } from '../store/open-store.ts';
import { leaveAct } from '../trace-outbox.ts';

const order = z.strictObject({
  name: accountName,
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  expiresAt: z.int(),
});
type Order = z.infer<typeof order>;
type Parts = Parameters<typeof createFirstAdministrator>[0];

/** What the command orders, and the code it prints. @throws CONFIG_INVALID for a name that is none */
export function orderAdministrator(
  name: string | undefined,
  random: RandomBytes,
  now: number,
): { readonly order: Order; readonly invitation: NewInvitation['invitation'] } {
  const given = accountName.safeParse(name);
  if (!given.success) {
    const message = '--name: 2 to 32 letters, digits, dots, hyphens and underscores';
    throw gatewayError('CONFIG_INVALID', message);
  }
  const { invitation, digest, expiresAt } = createInvitation(random, now);
  return { order: { name: given.data, digest, expiresAt }, invitation };
}

/** Carries it out. @throws ADMINISTRATOR_EXISTS, ACCOUNT_EXISTS */
export async function createAdministrator(parts: Parts, asked: unknown): Promise<object> {
  const { id, name } = await createFirstAdministrator(parts, order.parse(asked));
  return { account: accountLabel(id), name };
}

/** The parts where no gateway runs: what goes to the trace waits in the outbox for the next start. */
export function partsOfStore(
  store: Pick<Store, 'accounts' | 'desk' | 'vault' | 'locks' | 'instance'>,
  { random, now }: { readonly random: RandomBytes; readonly now: number },
): Parts {
  const { accounts, vault, locks } = store;
  const trace: AccountParts['trace'] = { append: (...acts) => leaveAct(store, ...acts) };
  return { store: accounts, vault, locks, random, clock: () => now, trace };
}

/** What a person reads. */
export function tellAdministrator(done: object): string {
  const { name, invitation, expiresAt } = z
    .object({ name: z.string(), invitation: z.string(), expiresAt: z.int() })
    .parse(done);
  return `The account ${name} administers this gateway as soon as somebody activates it with this code, shown only here:

  ${invitation}

It holds once, until ${new Date(expiresAt * 1000).toISOString()}. On the page: Sign in, “I have an activation code”.
Until it is used, the same command makes another code and ends this one.`;
}
