// SPDX-License-Identifier: Apache-2.0
// What administrators do with accounts. Every change is in the trace when it is stored; nothing personal is.
import { toHex } from '@zhenglian/core/bytes';
import { gatewayError } from '../problem-codes.ts';
import { accountKey, accountLabel, decodeAccount, storeAccount } from './account-record.ts';
import type { Account } from './account-record.ts';
import type { AccountParts } from './account-parts.ts';
import { createInvitation, digestOf } from './invitation.ts';
import { requireStrong } from './passwords.ts';
import type { Passwords } from './passwords.ts';
import type { Role, Scope } from './principal.ts';

/** A one-time secret with which a person sets a password. */
export interface Invitation {
  readonly account: Account;
  readonly invitation: string;
  readonly expiresAt: number;
}

/** Accounts of a gateway. */
export interface AccountDesk {
  /** @throws ACCOUNT_EXISTS */
  create(order: NewAccount, actor: string): Promise<Invitation>;
  /** @throws INVITATION_INVALID, PASSWORD_WEAK */
  activate(order: {
    readonly name: string;
    readonly invitation: string;
    readonly password: string;
  }): Promise<void>;
  list(): Promise<readonly Account[]>;
  byId(id: string): Promise<Account | undefined>;
  byName(name: string): Promise<Account | undefined>;
  /** Ends the account's sessions. @throws ACCOUNT_UNKNOWN, ACCOUNT_OWN */
  change(id: string, change: AccountChange, actor: string): Promise<Account>;
  /** Takes password and second factor away, ends sessions, invites anew. @throws ACCOUNT_UNKNOWN, ACCOUNT_OWN */
  recover(id: string, actor: string): Promise<Invitation>;
  /** Ends all sessions of an account. */
  endSessions(id: string): Promise<void>;
  /** For the sign-in and for owners: changes a record under its lock, told before it is stored. @throws ACCOUNT_UNKNOWN */
  update(id: string, edit: Edit, told?: () => Promise<void>): Promise<Account>;
}

type Edit = (account: Account) => Account | Promise<Account>;

export interface NewAccount {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly scope: Scope;
}

export interface AccountChange {
  readonly roles?: readonly Role[] | undefined;
  readonly scope?: Scope | undefined;
  readonly state?: 'active' | 'disabled' | undefined;
}

/** The desk over these parts. */
export function createAccountDesk(parts: AccountParts, passwords: Passwords): AccountDesk {
  const { store, vault, locks, clock, random, trace } = parts;
  const byId = async (id: string) => {
    const stored = await store.get(accountKey.account(id));
    return stored === undefined ? undefined : decodeAccount(stored);
  };
  const byName = async (name: string) => {
    const stored = await store.get(accountKey.name(vault, name));
    return stored === undefined ? undefined : byId(toHex(stored));
  };
  // The trace first: a kill in between leaves an act that was told and not done, never one that was done in silence.
  const change = async (id: string, edit: Edit, told?: () => Promise<void>) =>
    locks.hold(`account/${id}`, async () => {
      const account = await byId(id);
      if (account === undefined) throw gatewayError('ACCOUNT_UNKNOWN', 'there is no such account');
      const changed = await edit(account);
      await told?.();
      await store.write([storeAccount(changed)]);
      return changed;
    });
  const tell = (actor: string, kind: string, id: string, outcome = 'done') =>
    trace.append({
      kind: 'account',
      purpose: 'administration',
      actor,
      subject: null,
      outcome,
      detail: { change: kind, account: id.slice(0, 12) },
    });
  const invite = () => {
    const { digest, ...told } = createInvitation(random, clock());
    return { ...told, stored: { digest, expiresAt: told.expiresAt } };
  };
  return {
    byId,
    byName,
    update: change,
    async create({ name, roles, scope }, actor) {
      return locks.hold('account-name', async () => {
        if ((await byName(name)) !== undefined) {
          throw gatewayError('ACCOUNT_EXISTS', 'an account has this name already');
        }
        const { stored, ...told } = invite();
        const bytes = random(16);
        const id = toHex(bytes);
        const account: Account = {
          id,
          name,
          roles: [...roles],
          scope,
          state: 'invited',
          invitation: stored,
          generation: 0,
          createdAt: clock(),
        };
        await tell(actor, 'create', id);
        await store.write([
          storeAccount(account),
          { key: accountKey.name(vault, name), value: bytes },
        ]);
        return { account, ...told };
      });
    },
    async activate({ name, invitation, password }) {
      requireStrong(password, name);
      const hash = await passwords.hash(password); // before it is known whether there is such an account
      const found = await byName(name);
      const wrong = gatewayError('INVITATION_INVALID', 'this invitation is not valid');
      if (found === undefined) throw wrong;
      const told = () => tell(accountLabel(found.id), 'activate', found.id);
      const activated: Edit = (account) => {
        const { invitation: kept, ...rest } = account;
        const isGood =
          kept !== undefined && kept.digest === digestOf(invitation) && kept.expiresAt > clock();
        if (!isGood || account.state !== 'invited') throw wrong;
        return { ...rest, hash, state: 'active' };
      };
      await change(found.id, activated, told);
    },
    async list() {
      const found: Account[] = [];
      for await (const { value } of store.range({ prefix: accountKey.accounts() })) {
        found.push(decodeAccount(value));
      }
      return found;
    },
    async change(id, { roles, scope, state }, actor) {
      requireOther(id, actor);
      const edited: Edit = (account) => ({
        ...account,
        ...(roles === undefined ? {} : { roles: [...roles] }),
        ...(scope === undefined ? {} : { scope }),
        ...(state === undefined ? {} : { state: stateOf(account, state) }),
        generation: account.generation + 1,
      });
      return change(id, edited, () => tell(actor, state ?? 'change', id));
    },
    async recover(id, actor) {
      requireOther(id, actor);
      const { stored, ...told } = invite();
      const invited: Edit = ({ hash: _hash, factor: _factor, ...rest }) => ({
        ...rest,
        state: 'invited' as const,
        invitation: stored,
        generation: rest.generation + 1,
      });
      const account = await change(id, invited, () => tell(actor, 'recover', id));
      return { account, ...told };
    },
    async endSessions(id) {
      await change(id, (account) => ({ ...account, generation: account.generation + 1 }));
    },
  };
}

/** One answer for everything that can be wrong with a sign-in. */
export function signInWrong() {
  return gatewayError('SIGN_IN_WRONG', 'name, password or code is wrong');
}

/** An account without a password stays invited, whatever its administrator says. */
function stateOf(account: Account, wanted: 'active' | 'disabled'): Account['state'] {
  return wanted === 'active' && account.hash === undefined ? 'invited' : wanted;
}

/** Nobody gives himself roles or takes the last administrator away by mistake. */
function requireOther(id: string, actor: string): void {
  if (actor !== accountLabel(id)) return;
  throw gatewayError('ACCOUNT_OWN', 'another administrator must change this account');
}
