// SPDX-License-Identifier: Apache-2.0
// Accounts, sessions and machine clients of one gateway, put together (docs/accounts.md).
import { toHex } from '@zhenglian/core/bytes';
import { createAccountDesk } from './account-desk.ts';
import type { AccountDesk } from './account-desk.ts';
import type { AccountParts } from './account-parts.ts';
import { createClients } from './clients.ts';
import type { Clients } from './clients.ts';
import { createOwnAccount } from './own-account.ts';
import type { OwnAccount } from './own-account.ts';
import { createOidcProvider } from '../oidc/provider.ts';
import { createOidcSignIn } from '../oidc/sign-in.ts';
import type { OidcSignIn } from '../oidc/sign-in.ts';
import { openPasswords } from './passwords.ts';
import { createSessions } from './sessions.ts';
import type { Sessions } from './sessions.ts';
import { createSignIn } from './sign-in.ts';
import type { SignIn } from './sign-in.ts';
import { createThrottle } from './throttle.ts';

/** Who may come in, and who is in. */
export interface Accounts {
  readonly desk: AccountDesk;
  readonly own: OwnAccount;
  readonly sessions: Sessions;
  readonly clients: Clients;
  readonly signIn: SignIn;
  /** By an identity provider, where one is configured. */
  readonly oidc: OidcSignIn | undefined;
  /** What a client's assertion must be addressed to. */
  readonly audience: string;
  /** Drops sessions, tokens and counts that have run out. */
  forget(): Promise<void>;
}

/** Opens the accounts over these parts. */
export async function openAccounts(parts: AccountParts): Promise<Accounts> {
  const passwords = await openPasswords(toHex(parts.random(16)));
  const throttle = createThrottle(parts.store, parts.vault, parts.clock);
  const desk = createAccountDesk(parts, passwords);
  const sessions = createSessions(parts, desk);
  const clients = createClients(parts);
  const oidc =
    parts.oidc && createOidcSignIn(parts, createOidcProvider(parts.oidc), parts.oidc.grants);
  return {
    desk,
    own: createOwnAccount(parts, desk, passwords, throttle),
    sessions,
    clients,
    oidc,
    audience: parts.audience,
    signIn: createSignIn(parts, desk, passwords, throttle),
    async forget() {
      for (const each of [throttle, sessions, clients, oidc]) await each?.forget();
    },
  };
}
