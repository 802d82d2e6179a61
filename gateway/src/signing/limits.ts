// SPDX-License-Identifier: Apache-2.0
// Whether a key may sign contents now, by the limits of whoever holds it. What is counted is counted before anything is
// signed, durably, so a kill can cost a part of a day's count and never exceed it.
import { toHex } from '@zhenglian/core/bytes';
import { dayAt } from '@zhenglian/core/days';
import type { SignedContent } from '@zhenglian/core/signing';
import type { Clock } from '../context.ts';
import type { DayCount, Taking } from './day-count.ts';
import type { KeyInfo } from './key-store.ts';
import type { Limits, Permit } from './limits-file.ts';
import { readContent } from './read-content.ts';
import type { ContentFacts } from './read-content.ts';
import { refuse } from './refuse.ts';

/** Says yes or throws. */
export interface KeyLimits {
  /** @throws SIGNER_LIMIT, and nothing is counted then; STORAGE_FULL when the count cannot be kept */
  admit(key: KeyInfo, contents: readonly SignedContent[]): Promise<void>;
}

const BEIJING = 8 * 3600;
const DAY = 86_400;
/** Digits 3 to 8 of a USCC are the division of whoever registered it. */
const DIVISION = [2, 8] as const;

/** Limits by a file; without one, every content that an authority signs. */
export function createLimits(limits: Limits | undefined, count: DayCount, clock: Clock): KeyLimits {
  return {
    async admit(key, contents) {
      const facts = contents.map((content) => readContent(content, key));
      if (limits === undefined) return;
      // One request has one array for all its contents.
      const networks = new Set(contents.map(({ networkId }) => networkId));
      for (const networkId of networks) requireNetwork(limits, networkId);
      const now = clock();
      const takings = new Map<string, Taking>();
      for (const each of facts) {
        const { name, perDay } = permitFor(limits, key, each, now);
        if (perDay === undefined) continue;
        takings.set(name, { name, limit: perDay, count: (takings.get(name)?.count ?? 0) + 1 });
      }
      if (takings.size === 0) return;
      const exhausted = await count.take(dayAt(now), [...takings.values()]);
      if (exhausted !== undefined) {
        throw refuse('count', `no more signatures today: ${exhausted}`, { permit: exhausted });
      }
    },
  };
}

/** The permit that decides. */
function permitFor(limits: Limits, key: KeyInfo, facts: ContentFacts, now: number): Permit {
  const permit = limits.permits.find((each) => isFor(each, limits, key, facts));
  if (permit === undefined) {
    throw refuse('permit', `no permit names this authority for ${facts.purpose} of this type`);
  }
  if (permit.hours !== undefined && !isWithin(permit.hours, now)) {
    throw refuse('hours', `outside the hours of ${permit.name}`, { permit: permit.name });
  }
  return permit;
}

function isFor(permit: Permit, limits: Limits, key: KeyInfo, { purpose, type }: ContentFacts) {
  const { purposes, types } = permit;
  const isOfAuthority = isForAuthority(permit, key.authority);
  const isNamed = (code: string) => code === type || limits.types[code] === type;
  const isOfType = types === undefined || (type !== undefined && types.some(isNamed));
  return isOfType && isOfAuthority && (purposes?.some((each) => each === purpose) ?? true);
}

function isForAuthority({ division = '', authorities }: Permit, uscc: string): boolean {
  return uscc.slice(...DIVISION).startsWith(division) && (authorities?.includes(uscc) ?? true);
}

function isWithin({ from, until }: NonNullable<Permit['hours']>, now: number): boolean {
  const minute = Math.floor(((now + BEIJING) % DAY) / 60);
  const [start, end] = [minuteOf(from), minuteOf(until)];
  return start < end ? minute >= start && minute < end : minute >= start || minute < end;
}

function minuteOf(clock: string): number {
  return 60 * Number(clock.slice(0, 2)) + Number(clock.slice(3));
}

function requireNetwork({ networks }: Limits, networkId: Uint8Array): void {
  if (networks?.includes(toHex(networkId)) ?? true) return;
  throw refuse('network', 'this is of another network');
}
