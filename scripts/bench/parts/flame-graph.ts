// SPDX-License-Identifier: Apache-2.0
// Where the time of a gateway goes: Node's own CPU profile of the process, drawn as a flame graph in SVG. A box is a
// function under the one that called it, as wide as its share of the time that was not idle.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programArguments } from '@zhenglian/network/own-program';
import { z } from 'zod';

const MAIN = fileURLToPath(new URL('../../../gateway/src/main.ts', import.meta.url));

const profileShape = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }),
      children: z.array(z.int()).optional(),
    }),
  ),
  /** Microseconds of the machine's clock since it was started, which all processes share. */
  startTime: z.number(),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});
type Profile = z.infer<typeof profileShape>;

/** A function where it was called, and the time in it and below it in microseconds. */
interface Frame {
  readonly name: string;
  readonly children: Map<string, Frame>;
  total: number;
}

/** Arguments for Node that run a gateway and write its profile into a folder when it ends. */
export function profiledGateway(folder: string): readonly string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, ...programArguments(MAIN)];
}

/** What is drawn: from one moment to another, as `profileMoment` gives them. */
export interface ProfileSpan {
  from: number;
  until: number;
}

/** Now, by the clock of profiles: microseconds. */
export function profileMoment(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Draws the profile that a process left in a folder. @throws when there is none */
export function drawProfile(
  folder: string,
  pid: number,
  span: Readonly<ProfileSpan>,
  svg: string,
): void {
  const name = readdirSync(folder).find((file) => file.includes(`.${String(pid)}.`));
  if (name === undefined) throw new Error(`process ${String(pid)} left no profile`);
  const profile = profileShape.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
  writeFileSync(svg, drawFlameGraph(profile, span));
}

/** The flame graph of a profile. */
export function drawFlameGraph(profile: Profile, span: Readonly<ProfileSpan>): string {
  const root = framesOf(profile, span);
  const boxes: string[] = [];
  let depth = 0;
  const draw = (frame: Frame, x: number, level: number) => {
    depth = Math.max(depth, level);
    boxes.push(boxOf(frame, { x, level, whole: root.total }));
    let at = x;
    const callees = [...frame.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const callee of callees) {
      const width = (WIDTH * callee.total) / root.total;
      if (width >= LEAST) draw(callee, at, level + 1);
      at += width;
    }
  };
  draw(root, 0, 0);
  const height = (depth + 1) * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" font-family="monospace" font-size="11">\n${boxes.join('\n')}\n</svg>\n`;
}

const WIDTH = 1200;
const ROW = 17;
/** Narrower boxes are left out. */
const LEAST = 3;
const CHARACTER = 6.7;
const IDLE = new Set(['(idle)', '(root)']);

function framesOf(profile: Profile, { from, until }: Readonly<ProfileSpan>): Frame {
  const stackOf = stacksOf(profile);
  const root: Frame = { name: 'all', children: new Map(), total: 0 };
  let now = profile.startTime;
  for (const [i, id] of profile.samples.entries()) {
    const time = profile.timeDeltas[i] ?? 0;
    now += time;
    const stack = stackOf(id);
    const isWork = now >= from && now <= until && !IDLE.has(stack.at(-1) ?? '(root)');
    if (isWork) add(root, stack.slice(1), time);
  }
  return root;
}

/** Names from the root of a profile down to a node. */
function stacksOf({ nodes }: Profile): (id: number) => readonly string[] {
  const parents = new Map<number, number>();
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  return (id) => {
    const stack: string[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      stack.unshift(names.get(at) ?? '');
    }
    return stack;
  };
}

function add(root: Frame, path: readonly string[], time: number): void {
  root.total += time;
  let frame = root;
  for (const name of path) {
    const next = frame.children.get(name) ?? { name, children: new Map<string, Frame>(), total: 0 };
    frame.children.set(name, next);
    next.total += time;
    frame = next;
  }
}

function nameOf({ functionName, url }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return library === undefined ? name : `${name} [${library}]`;
}

function boxOf(
  { name, total }: Frame,
  { x, level, whole }: { readonly x: number; readonly level: number; readonly whole: number },
): string {
  const width = whole === 0 ? WIDTH : (WIDTH * total) / whole;
  const share = whole === 0 ? '0' : ((100 * total) / whole).toFixed(1);
  const room = Math.floor((width - 4) / CHARACTER);
  const label = room < 4 ? '' : escaped(name.length > room ? `${name.slice(0, room - 1)}…` : name);
  const y = level * ROW;
  const fill = `hsl(${String(20 + ((name.length * 7) % 35))} 75% ${String(72 - (level % 3) * 4)}%)`;
  return (
    `<g><title>${escaped(name)} ${share} %</title>` +
    `<rect x="${x.toFixed(1)}" y="${String(y)}" width="${(width - 0.5).toFixed(1)}" height="${String(ROW - 1)}" fill="${fill}"/>` +
    `<text x="${(x + 2).toFixed(1)}" y="${String(y + 12)}">${label}</text></g>`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
