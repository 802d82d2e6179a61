// SPDX-License-Identifier: Apache-2.0
// Whose X-Forwarded-For is believed, and what counts as one address.
import { BlockList, isIP } from 'node:net';

/** Whether an address is a trusted proxy's. */
export type IsProxy = (address: string) => boolean;

/** Reads addresses and networks in CIDR form. @throws RangeError */
export function parseProxies(texts: readonly string[]): IsProxy {
  const list = new BlockList();
  for (const text of texts) {
    const { address, bits, family } = parseNetwork(text);
    list.addSubnet(address, bits, family);
  }
  return (address) => {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
  };
}

function parseNetwork(text: string) {
  const [, address = '', given] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const bits = Number(given ?? most);
  if (version === 0 || bits > most) throw new RangeError('no address or network');
  return { address, bits, family: version === 6 ? ('ipv6' as const) : ('ipv4' as const) };
}

/** An address as it is compared: IPv4 stays IPv4 on a socket of both kinds. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** Who counts as one: an IPv4 address, or the /64 that one subscriber of IPv6 has. */
export function subscriberOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail] = (plain.split('%')[0] ?? '').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array<string>(missing).fill('0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
