// SPDX-License-Identifier: Apache-2.0
// Public keys as an administrator pastes them: a JSON Web Key Set (RFC 7517) or a single key. Which keys are good is the
// gateway's to say; that a secret one is not sent to it is this page's.

/** Members that only a secret key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2). */
const SECRET = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The keys of a text, or what is wrong with it. */
export function readPublicKeys(text: string): readonly unknown[] | 'not-json' | 'secret' {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'not-json';
  }
  if (typeof value !== 'object' || value === null) return 'not-json';
  const keys: unknown = 'keys' in value ? value.keys : [value];
  if (!Array.isArray(keys) || keys.length === 0) return 'not-json';
  const list: readonly unknown[] = keys;
  return list.some(isSecret) ? 'secret' : list;
}

function isSecret(key: unknown): boolean {
  return typeof key === 'object' && key !== null && SECRET.some((name) => Object.hasOwn(key, name));
}
