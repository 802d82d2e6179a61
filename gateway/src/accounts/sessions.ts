// SPDX-License-Identifier: Apache-2.0
// Sessions of pages: an id in a cookie, its digest in the store. Ids change at sign-in, when rights change and every
// quarter of an hour; an old id that is used after its grace was stolen, or its successor was: the sign-in ends.
// They are in the shared store, so they outlive a restart and hold on every instance.
import { toHex, utf8 } from '@zhenglian/core/bytes';
import type { TableChange } from '../store/table.ts';
import { accountLabel } from './account-record.ts';
import type { AccountDesk } from './account-desk.ts';
import type { AccountParts } from './account-parts.ts';
import type { Principal, Role, Scope } from './principal.ts';
import { decodeSession, sessionKey, storeSession } from './session-record.ts';
import type { Session } from './session-record.ts';

/** Whose session it is: a local account, or somebody an identity provider vouches for. */
export type SessionHolder =
  | { readonly account: string }
  | { readonly actor: string; readonly roles: readonly Role[]; readonly scope: Scope };

/** A session that was shown, and the id that is to be shown from now on, where it changes. */
export interface LiveSession {
  readonly principal: Principal;
  /** Name of the account, for its owner. */
  readonly name: string | undefined;
  readonly account: string | undefined;
  /** Whether the account has a second factor; of a local account only. */
  readonly secondFactor: boolean | undefined;
  readonly nextId: string | undefined;
}

/** Sessions of a gateway. */
export interface Sessions {
  /** Starts one and gives its id. */
  open(holder: SessionHolder): Promise<string>;
  /** Who shows this id; undefined when it is none, or over. */
  read(id: string): Promise<LiveSession | undefined>;
  /** Whose id it is, without using it: it is neither renewed nor seen. */
  holder(id: string): Promise<Principal | undefined>;
  /** Another id for the same session, at once: rights have changed. */
  renew(id: string): Promise<string | undefined>;
  end(id: string): Promise<void>;
  /** Drops what has run out. */
  forget(): Promise<void>;
}

const IDLE_SECONDS = 1800;
const LONGEST_SECONDS = 43_200;
const ROTATE_SECONDS = 900;
const GRACE_SECONDS = 60;
const SEEN_EVERY = 60;

/** The sessions over these parts. */
export function createSessions(parts: AccountParts, desk: AccountDesk): Sessions {
  const { store, locks, clock, random } = parts;
  const isOver = (session: Session) =>
    clock() - session.seenAt >= IDLE_SECONDS || clock() - session.startedAt >= LONGEST_SECONDS;
  const load = async (key: string) => {
    const stored = await store.get(key);
    if (stored === undefined) return undefined;
    const session = decodeSession(stored);
    const ended = await store.get(sessionKey.ended(session.family));
    return ended !== undefined || isOver(session) ? undefined : session;
  };
  const start = async (content: Pick<Session, 'account' | 'vouched'>) => {
    const id = toHex(random(32));
    const now = clock();
    const times = { startedAt: now, issuedAt: now, seenAt: now };
    const session = { family: toHex(random(16)), ...content, ...times };
    await store.write([storeSession(sessionKey.session(id), session)]);
    return id;
  };
  const endFamily = (family: string): TableChange => ({
    key: sessionKey.ended(family),
    value: utf8(String(clock())),
  });
  const replace = async (key: string, session: Session, generation?: number) => {
    const id = toHex(random(32));
    const now = clock();
    const account =
      session.account && generation !== undefined
        ? { ...session.account, generation }
        : session.account;
    const next: Session = {
      ...session,
      issuedAt: now,
      seenAt: now,
      ...(account === undefined ? {} : { account }),
    };
    await store.write([
      storeSession(sessionKey.session(id), next),
      storeSession(key, { ...session, replacedAt: now }),
    ]);
    return id;
  };
  return {
    async open(holder) {
      if (!('account' in holder)) {
        const { actor, roles, scope } = holder;
        return start({ vouched: { actor, roles: [...roles], scope } });
      }
      const generation = (await desk.byId(holder.account))?.generation ?? 0;
      return start({ account: { id: holder.account, generation } });
    },
    async read(id) {
      const key = sessionKey.session(id);
      const first = await load(key);
      if (first === undefined) return undefined;
      const holder = await holderOf(desk, first);
      if (holder === undefined) return undefined;
      return locks.hold(`session/${first.family}`, async () => {
        const session = await load(key);
        if (session === undefined) return undefined;
        const now = clock();
        if (session.replacedAt !== undefined) {
          if (now - session.replacedAt <= GRACE_SECONDS) return { ...holder, nextId: undefined };
          await store.write([endFamily(session.family)]);
          await parts.trace.append({
            kind: 'sign-out',
            purpose: 'access',
            actor: holder.principal.actor,
            subject: null,
            outcome: 'SESSION_REUSED',
          });
          return undefined;
        }
        if (now - session.issuedAt >= ROTATE_SECONDS) {
          return { ...holder, nextId: await replace(key, session) };
        }
        if (now - session.seenAt >= SEEN_EVERY) {
          await store.write([storeSession(key, { ...session, seenAt: now })]);
        }
        return { ...holder, nextId: undefined };
      });
    },
    async holder(id) {
      const session = await load(sessionKey.session(id));
      if (session === undefined || session.replacedAt !== undefined) return undefined;
      return (await holderOf(desk, session))?.principal;
    },
    async renew(id) {
      const key = sessionKey.session(id);
      const session = await load(key);
      if (session === undefined) return undefined;
      return locks.hold(`session/${session.family}`, async () => {
        const account = session.account && (await desk.byId(session.account.id));
        return replace(key, session, account?.generation);
      });
    },
    async end(id) {
      const session = await load(sessionKey.session(id));
      if (session !== undefined) await store.write([endFamily(session.family)]);
    },
    async forget() {
      const over: TableChange[] = [];
      for await (const { key, value } of store.range({ prefix: sessionKey.sessions() })) {
        const session = decodeSession(value);
        const replaced = session.replacedAt ?? clock();
        if (isOver(session) || clock() - replaced >= LONGEST_SECONDS) over.push({ key });
      }
      for await (const { key, value } of store.range({ prefix: sessionKey.allEnded() })) {
        if (clock() - Number(new TextDecoder().decode(value)) >= LONGEST_SECONDS)
          over.push({ key });
      }
      await store.write(over);
    },
  };
}

/** The holder as of now; undefined when the account is gone, disabled or signed out everywhere. */
async function holderOf(
  desk: AccountDesk,
  { account, vouched }: Session,
): Promise<Omit<LiveSession, 'nextId'> | undefined> {
  if (vouched !== undefined) {
    const principal = { ...vouched, how: 'oidc' } as const;
    return { principal, name: undefined, account: undefined, secondFactor: undefined };
  }
  const found = account && (await desk.byId(account.id));
  if (found?.state !== 'active' || found.generation !== account?.generation) return undefined;
  const { id, name, roles, scope, factor } = found;
  return {
    principal: { actor: accountLabel(id), roles, scope, how: 'session' },
    name,
    account: id,
    secondFactor: factor?.confirmed === true,
  };
}
