// SPDX-License-Identifier: Apache-2.0
// Cursors of lists: `next` of an answer is `after` of the next question. What is in one is nobody's business but the
// list's; one of another list is refused.
import { gatewayError } from './problem-codes.ts';

const MOST_OF_A_PAGE = 100;

/** A cursor at a position of a list. */
export function encodeCursor(list: string, position: string): string {
  return Buffer.from(`${list}\n${position}`).toString('base64url');
}

/** How much of a list is wanted. */
export interface PageQuery {
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}

/** A page of what is listed as a whole, by id; `next` is there when more follows. */
export function cursorPage<T extends { readonly id: string }>(
  list: string,
  all: readonly T[],
  { limit = MOST_OF_A_PAGE, after }: PageQuery,
): { readonly items: readonly T[]; readonly next: { readonly next?: string } } {
  const last = after === undefined ? undefined : decodeCursor(list, after, /^[0-9a-f]{32}$/);
  const begin = last === undefined ? 0 : all.findIndex(({ id }) => id === last) + 1;
  const items = all.slice(begin, begin + limit);
  const end = items.at(-1);
  const isWhole = end === undefined || begin + limit >= all.length;
  return { items, next: isWhole ? {} : { next: encodeCursor(list, end.id) } };
}

/** The position in a cursor. @throws REQUEST_INVALID */
export function decodeCursor(list: string, cursor: string, form: RegExp): string {
  const [named, position = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split('\n');
  if (named !== list || rest.length > 0 || !form.test(position)) {
    throw gatewayError('REQUEST_INVALID', 'this is no cursor of the list', {
      detail: [{ path: 'after', reason: 'invalid_format' }],
    });
  }
  return position;
}
