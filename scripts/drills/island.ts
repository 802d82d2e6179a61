// SPDX-License-Identifier: Apache-2.0
// An organisation's nodes in a network namespace of their own, as on an island: two relays carry what passes between them and the others,
// and can be shut. Every address stays as it is. Needs `unshare`, `nsenter` and `ip`, and a system that lets this user make namespaces.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execPath, kill } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openPackages, startHostsOf } from '@zhenglian/network/fabric/chaincode-hosts';
import { KEEPER } from '@zhenglian/network/fabric/chaincode-keeper';
import { readVersions } from '@zhenglian/network/fabric/chaincode-versions';
import { programArguments } from '@zhenglian/network/own-program';
import { portsOf, startNodes } from '@zhenglian/network/fabric/start-nodes';
import {
  awaitHealth,
  listProcesses,
  startProcess,
  stopProcess,
} from '@zhenglian/network/fabric/processes';
import type { Layout, OrganisationLayout } from '@zhenglian/network/fabric/layout';
import type { Programs } from '@zhenglian/network/fabric/programs';
import type { RelayRules } from './relay.ts';
import { until } from './steady.ts';

/** Where the nodes of an organisation are until `leave`. */
export interface Island {
  /** Nothing passes any more between its orderer and peer and those of others, either way. */
  cut(): void;
  mend(): void;
  /** Ends its nodes and the relays; `up` starts the nodes at home again. */
  leave(): Promise<void>;
}

const RELAY = fileURLToPath(new URL('relay.ts', import.meta.url));
/** A peer wants one address that is no loopback one, and talks by none; this one is for documentation (RFC 5737). */
const UP = 'ip link set lo up && ip addr add 192.0.2.1/32 dev lo && exec "$@"';
const execute = promisify(execFile);

/** Why nobody can be put on an island here, or undefined. */
export async function whyNoIsland(path: string): Promise<string | undefined> {
  try {
    const [unshare = '', ...rest] = makeNamespace(path);
    await execute(unshare, [...rest, 'true'], { env: { PATH: path } });
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n').at(-1) ?? '') : String(error);
  }
}

/** Moves an organisation's nodes there: ended at home, started on the island. @throws START_FAILED */
export async function moveToIsland(
  { programs, layout }: { readonly programs: Programs; readonly layout: Layout },
  organisation: OrganisationLayout,
  path: string,
): Promise<Island> {
  const { msp } = organisation;
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian-island-')); // short: paths of sockets may have 107 bytes
  const names = { inside: `relay-${msp}-inside`, outside: `relay-${msp}-outside` };
  const own = listProcesses(layout)
    .map(({ name }) => name)
    .filter((name) => name.split('-')[1] === msp);
  await stopProcess(layout, KEEPER); // it would start hosts at home
  for (const name of own) await stopProcess(layout, name);
  const leave = async () => {
    for (const name of [...own, names.outside, names.inside]) await stopProcess(layout, name);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const outside = await settle({ programs, layout }, organisation, { path, folder, names });
    return { cut: () => kill(outside, 'SIGUSR2'), mend: () => kill(outside, 'SIGHUP'), leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** Starts both relays and the nodes between them. Returns the pid of the relay that can be shut. */
async function settle(
  { programs, layout }: { readonly programs: Programs; readonly layout: Layout },
  organisation: OrganisationLayout,
  place: {
    readonly path: string;
    readonly folder: string;
    readonly names: Readonly<Record<'inside' | 'outside', string>>;
  },
): Promise<number> {
  const { msp, ports } = organisation;
  const { path, folder, names } = place;
  const rules = rulesOf(layout, organisation, folder);
  const start = (side: 'inside' | 'outside', through: readonly string[]) => {
    const file = join(folder, `${side}.rules.json`);
    writeFileSync(file, JSON.stringify(rules[side]));
    return startProcess(layout, {
      ...{ through, name: names[side], program: execPath, env: { PATH: path } },
      args: [...programArguments(RELAY), file],
    });
  };
  const inside = start('inside', makeNamespace(path));
  await until('the relay of the island', () => existsSync(socketOf(folder, 'in', ports.peer)));
  const outside = start('outside', []);
  const enter = ['--target', String(inside), '--user', '--net', '--preserve-credentials', '--'];
  const through = [onPath(path, 'nsenter'), ...enter];
  startNodes(programs, layout, organisation, through);
  const packages = openPackages(layout, readVersions(layout).serving);
  startHostsOf(layout, organisation, packages, undefined, through);
  await awaitHealth(layout, `orderer-${msp}`, ports.ordererOperations);
  await awaitHealth(layout, `peer-${msp}`, ports.peerOperations);
  return outside;
}

/** Only what organisations say to each other is cut: health, figures and administration stay in sight. */
function rulesOf(
  layout: Layout,
  { msp, ports }: OrganisationLayout,
  folder: string,
): Record<'inside' | 'outside', RelayRules> {
  const cut: readonly number[] = [ports.orderer, ports.peer];
  const inward = portsOf(ports).map((port) => {
    const socket = socketOf(folder, 'in', port);
    const outside = { listen: port, to: socket, cut: cut.includes(port) };
    return { outside, inside: { listen: socket, to: port, cut: false } };
  });
  const others = layout.organisations.filter((each) => each.msp !== msp);
  const outward = others
    .flatMap((each) => [each.ports.orderer, each.ports.peer])
    .map((port) => {
      const socket = socketOf(folder, 'out', port);
      const outside = { listen: socket, to: port, cut: true };
      return { outside, inside: { listen: port, to: socket, cut: false } };
    });
  const all = [...inward, ...outward];
  return {
    inside: all.map(({ inside }) => inside),
    outside: all.map(({ outside }) => outside),
  };
}

function socketOf(folder: string, way: 'in' | 'out', port: number): string {
  return join(folder, `${way}-${String(port)}`);
}

/** Runs what follows in a new network namespace; a user namespace lets others than root make one. */
function makeNamespace(path: string): string[] {
  const shell = [onPath(path, 'sh'), '-c', UP, 'sh'];
  return [onPath(path, 'unshare'), '--user', '--map-root-user', '--net', ...shell];
}

/** Children get an environment of their own, so programs are named in full. @throws Error */
function onPath(path: string, program: string): string {
  const found = path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error(`there is no program ${program} on PATH`);
  return found;
}
