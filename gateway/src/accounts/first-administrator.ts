// SPDX-License-Identifier: Apache-2.0
// The first administrator of a gateway, made by who operates it. Only while nobody administers: afterwards accounts are
// made by those who do, and this is no way around them. The invitation was made elsewhere; only its digest comes here.
import { toHex } from '@zhenglian/core/bytes';
import { gatewayError } from '../problem-codes.ts';
import { accountKey, decodeAccount, storeAccount } from './account-record.ts';
import type { Account } from './account-record.ts';
import type { AccountParts } from './account-parts.ts';

type Parts = Pick<AccountParts, 'store' | 'vault' | 'locks' | 'clock' | 'random' | 'trace'>;

/** Who is to administer, and what is stored of the invitation that was handed over. */
export interface FirstAdministrator {
  readonly name: string;
  readonly digest: string;
  readonly expiresAt: number;
}

/**
 * Makes the account, or invites it anew as long as nobody has taken it over.
 * @throws ADMINISTRATOR_EXISTS, ACCOUNT_EXISTS
 */
export async function createFirstAdministrator(
  parts: Parts,
  { name, digest, expiresAt }: FirstAdministrator,
): Promise<Account> {
  const { store, vault, locks, clock, random, trace } = parts;
  return locks.hold('account-name', async () => {
    await requireNobody(parts);
    const nameKey = accountKey.name(vault, name);
    const taken = await store.get(nameKey);
    const before = taken && (await store.get(accountKey.account(toHex(taken))));
    const bytes = taken ?? random(16);
    const fresh: Account = {
      id: toHex(bytes),
      name,
      roles: ['administrator'],
      scope: { divisions: 'all', types: 'all' },
      state: 'invited',
      generation: 0,
      createdAt: clock(),
    };
    const known = before === undefined ? fresh : requireInvited(decodeAccount(before));
    const account = { ...known, invitation: { digest, expiresAt } };
    await trace.append({
      kind: 'account',
      purpose: 'administration',
      actor: 'operator',
      subject: null,
      outcome: 'done',
      detail: { change: 'first-administrator', account: account.id.slice(0, 12) },
    });
    await store.write([storeAccount(account), { key: nameKey, value: bytes }]);
    return account;
  });
}

/** @throws ADMINISTRATOR_EXISTS */
async function requireNobody({ store }: Parts): Promise<void> {
  for await (const { value } of store.range({ prefix: accountKey.accounts() })) {
    const { roles, state } = decodeAccount(value);
    if (state !== 'active' || !roles.includes('administrator')) continue;
    const message = 'somebody administers here: accounts are made and recovered on the page';
    throw gatewayError('ADMINISTRATOR_EXISTS', message);
  }
}

/** @throws ACCOUNT_EXISTS */
function requireInvited(account: Account): Account {
  if (account.state === 'invited' && account.roles.includes('administrator')) return account;
  throw gatewayError('ACCOUNT_EXISTS', 'an account that is no administrator has this name');
}
