// SPDX-License-Identifier: Apache-2.0
// What people do with their own account: password and second factor. Whoever has only a session must show what its
// owner knows, and guesses as slowly as somebody who signs in.
import { isCodedError } from '@zhenglian/core/errors';
import { gatewayError } from '../problem-codes.ts';
import { accountLabel } from './account-record.ts';
import { signInWrong } from './account-desk.ts';
import type { AccountDesk } from './account-desk.ts';
import type { AccountParts } from './account-parts.ts';
import { requireStrong } from './passwords.ts';
import type { Passwords } from './passwords.ts';
import type { Attempt, Throttle } from './throttle.ts';
import { encodeBase32, otpauthUri, stepOfCode } from './totp.ts';

/** An account in the hands of who is signed in to it, and where that is. */
export interface Owner extends Attempt {
  readonly id: string;
}

/** What an owner does; each ends the account's other sessions but `offerFactor`. */
export interface OwnAccount {
  /** @throws SIGN_IN_WRONG, SIGN_IN_WAIT, SIGN_IN_BUSY, PASSWORD_WEAK */
  setPassword(owner: Owner, current: string, password: string): Promise<void>;
  /** A second factor that does not count before it is confirmed. @throws FACTOR_EXISTS */
  offerFactor(owner: Owner): Promise<{ readonly secret: string; readonly uri: string }>;
  /** @throws SIGN_IN_WRONG, SIGN_IN_WAIT */
  confirmFactor(owner: Owner, code: string): Promise<void>;
  /** Needs the password and a code. @throws SIGN_IN_WRONG, SIGN_IN_WAIT, SIGN_IN_BUSY, FACTOR_NONE */
  removeFactor(owner: Owner, password: string, code: string): Promise<void>;
}

/** The verbs over these parts. */
export function createOwnAccount(
  parts: AccountParts,
  desk: AccountDesk,
  passwords: Passwords,
  throttle: Throttle,
): OwnAccount {
  const { clock, random, trace, locks } = parts;
  const tell = ({ id }: Owner, change: string, outcome = 'done') =>
    trace.append({
      kind: 'account',
      purpose: 'administration',
      actor: accountLabel(id),
      subject: null,
      outcome,
      detail: { change, account: id.slice(0, 12) },
    });
  const slowly = (owner: Owner, change: string, edit: Parameters<AccountDesk['update']>[1]) =>
    locks.hold(throttle.turnOf(owner), async () => {
      await throttle.check(owner);
      try {
        await desk.update(owner.id, edit, () => tell(owner, change));
      } catch (error) {
        if (isCodedError(error, 'SIGN_IN_WRONG')) {
          await throttle.failed(owner);
          await tell(owner, change, error.code);
        }
        throw error;
      }
    });
  return {
    setPassword: (owner, current, password) =>
      slowly(owner, 'password', async (account) => {
        requireStrong(password, account.name);
        if (!(await passwords.matches(account.hash, current, 'known'))) throw signInWrong();
        const hash = await passwords.hash(password);
        return { ...account, hash, generation: account.generation + 1 };
      }),
    async offerFactor({ id }) {
      const secret = random(20);
      const { name } = await desk.update(id, (account) => {
        if (account.factor?.confirmed === true) {
          throw gatewayError('FACTOR_EXISTS', 'take the second factor away first');
        }
        return { ...account, factor: { secret, confirmed: false, lastStep: 0 } };
      });
      return { secret: encodeBase32(secret), uri: otpauthUri(secret, name, parts.issuer) };
    },
    confirmFactor: (owner, code) =>
      slowly(owner, 'second-factor', (account) => {
        const { factor } = account;
        const step = factor && stepOfCode(factor.secret, code, clock(), factor.lastStep);
        if (factor === undefined || step === undefined) throw signInWrong();
        const confirmed = { ...factor, confirmed: true, lastStep: step };
        return { ...account, factor: confirmed, generation: account.generation + 1 };
      }),
    removeFactor: (owner, password, code) =>
      slowly(owner, 'second-factor-removal', async ({ factor, ...account }) => {
        if (factor?.confirmed !== true) {
          throw gatewayError('FACTOR_NONE', 'this account has no second factor');
        }
        const matches = await passwords.matches(account.hash, password, 'known');
        const step = stepOfCode(factor.secret, code, clock(), factor.lastStep);
        if (!matches || step === undefined) throw signInWrong();
        return { ...account, generation: account.generation + 1 };
      }),
  };
}
