// SPDX-License-Identifier: Apache-2.0
// Signing in with name, password and, where there is one, the code of a second factor. Unknown, invited and disabled
// accounts get the same answer after the same work. What was wrong is not told, to nobody.
import { isCodedError } from '@zhenglian/core/errors';
import type { Account } from './account-record.ts';
import { accountLabel } from './account-record.ts';
import { signInWrong } from './account-desk.ts';
import type { AccountDesk } from './account-desk.ts';
import type { AccountParts } from './account-parts.ts';
import type { Passwords } from './passwords.ts';
import type { Throttle } from './throttle.ts';
import { stepOfCode } from './totp.ts';

/** What somebody typed, and where. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
  readonly code?: string | undefined;
  readonly address: string;
}

/** @throws SIGN_IN_WRONG, SIGN_IN_WAIT, SIGN_IN_BUSY */
export type SignIn = (credentials: Credentials) => Promise<Account>;

/** Each try on an account that many addresses try at once takes this long; known addresses are spared. */
const PRESSED_MILLISECONDS = 3000;

export function createSignIn(
  parts: AccountParts,
  desk: AccountDesk,
  passwords: Passwords,
  throttle: Throttle,
): SignIn {
  const failed = async (attempt: Credentials, account: Account | undefined) => {
    await throttle.failed(attempt);
    await parts.trace.append({
      kind: 'sign-in',
      purpose: 'access',
      actor: 'nobody',
      subject: null,
      outcome: 'SIGN_IN_WRONG',
      // A name that is none may be a password in the wrong place: it is not kept.
      ...(account === undefined ? {} : { detail: { account: account.id.slice(0, 12) } }),
    });
    return signInWrong();
  };
  const tried = async (attempt: Credentials) => {
    await throttle.check(attempt);
    const isKnown = await throttle.isKnown(attempt);
    if (!isKnown && (await throttle.isPressed(attempt))) await parts.pause(PRESSED_MILLISECONDS);
    const account = await desk.byName(attempt.name);
    const stored = account?.state === 'active' ? account.hash : undefined;
    const lane = isKnown ? 'known' : 'unknown';
    const matches = await passwords.matches(stored, attempt.password, lane);
    if (account === undefined || !matches) throw await failed(attempt, account);
    const entered = await enter(parts, desk, account, attempt.code).catch(unlessWrong);
    if (entered === undefined) throw await failed(attempt, account);
    await throttle.succeeded(attempt);
    await parts.trace.append(entry(entered));
    return entered;
  };
  return (attempt) => parts.locks.hold(throttle.turnOf(attempt), () => tried(attempt));
}

/** That somebody came in, and with what. */
function entry({ id, factor }: Account) {
  const how = factor?.confirmed === true ? 'two-factors' : 'password';
  const actor = accountLabel(id);
  return {
    kind: 'sign-in',
    purpose: 'access',
    actor,
    subject: null,
    outcome: 'done',
    detail: { how },
  } as const;
}

/** Nothing for a wrong code; whatever else went wrong goes on. */
function unlessWrong(error: unknown): undefined {
  if (!isCodedError<string>(error) || error.code !== 'SIGN_IN_WRONG') throw error;
}

/** Uses the code up, under the account's lock: two sign-ins with one code are one too many. */
function enter(
  parts: AccountParts,
  desk: AccountDesk,
  found: Account,
  code: string | undefined,
): Promise<Account> {
  return desk.update(found.id, (account) => {
    const { factor } = account;
    // What was checked is what still holds.
    if (account.hash !== found.hash || account.state !== 'active') throw signInWrong();
    const entered = { ...account, signedInAt: parts.clock() };
    if (factor?.confirmed !== true) return entered;
    const step = stepOfCode(factor.secret, code ?? '', parts.clock(), factor.lastStep);
    if (step === undefined) throw signInWrong();
    return { ...entered, factor: { ...factor, lastStep: step } };
  });
}
