// SPDX-License-Identifier: Apache-2.0
// What each room may import (scripts/rooms.json), read from every import of every file. The linter says it
// sooner; this also sees dynamic imports, relative paths out of a room and how many files know a library.
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { readSources, ROOT } from './source-files.ts';

import type { SourceFile } from './source-files.ts';

interface Room {
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
  readonly node: 'all' | Readonly<Record<string, readonly string[]>>;
  /** Libraries that several files of the room may know. */
  readonly wide: readonly string[];
  /** Files that developers run and the room itself never imports. */
  readonly tools?: readonly string[];
}

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const ROOMS = JSON.parse(readFileSync(join(ROOT, 'scripts/rooms.json'), 'utf8')) as Readonly<
  Record<string, Room>
>;

describe('house: the import graph', () => {
  const imports = readSources(/\.(ts|vue)$/)
    .filter(({ path }) => Object.hasOwn(ROOMS, roomOf(path)) && !isTool(path))
    .flatMap(importsOf);

  it('sees imports of every form', () => {
    const text = `import a from 'a'; import type { B } from 'b'; export { c } from './c.ts';
      import { type D } from 'd'; const e = await import('e'); import 'f'; type G = import('g').G;
      import { type H, h } from 'h'; const i = require('i');`;
    const found = importsOf({ path: 'core/src/x.ts', text });
    expect(found.map((each) => each.target)).to.have.members([
      ...['a', 'b', 'core/src/c.ts', 'd', 'e', 'f', 'g', 'h', 'i'],
    ]);
    const typeOnly = found.filter((each) => each.typeOnly).map((each) => each.target);
    expect(typeOnly).to.have.members(['b', 'd', 'g']);
    const vue = { path: 'verifier-web/src/x.vue', text: `<script setup>import 'v'</script>` };
    expect(importsOf(vue).map((each) => each.target)).to.deep.equal(['v']);
  });

  it('tells a forbidden import from an allowed one', () => {
    const judge = (file: string, specifier: string) =>
      importsOf({ path: file, text: `import '${specifier}';` }).every(isAllowed);
    expect(judge('core/src/x.ts', 'node:fs')).to.equal(false);
    expect(judge('core/src/x.ts', 'express')).to.equal(false);
    expect(judge('core/src/x.ts', '@zhenglian/gateway/app')).to.equal(false);
    expect(judge('core/src/x.ts', '../../guomi/src/sm3.ts')).to.equal(false);
    expect(judge('core/src/x.ts', '@zhenglian/guomi')).to.equal(true);
    expect(judge('guomi/src/sm2.ts', 'node:crypto')).to.equal(false);
    expect(judge('guomi/src/node.ts', 'node:crypto')).to.equal(true);
    expect(judge('guomi/src/sm2.ts', '@noble/curves/abstract/weierstrass.js')).to.equal(true);
    expect(judge('wallet-cli/src/x.ts', '@hyperledger/fabric-gateway')).to.equal(false);
    expect(judge('gateway/src/x.ts', '../../test/support/x.ts')).to.equal(false);
    expect(judge('gateway/src/x.ts', '@zhenglian/chaincode')).to.equal(false);
    expect(judge('network/embedded/x.ts', 'node:net')).to.equal(true);
  });

  it('has no import that the table does not allow', () => {
    const forbidden = imports.filter((each) => !isAllowed(each));
    expect(forbidden.map((each) => `${each.file} imports ${each.target}`)).to.deep.equal([]);
  });

  it('keeps the two engines apart, and what they share free of both', () => {
    const engineOf = (path: string) => /^network\/(embedded|fabric)\//.exec(path)?.[1];
    const crossing = imports.filter(({ file, room, target }) => {
      const engine = engineOf(target);
      return room === 'network' && engine !== undefined && engine !== engineOf(file);
    });
    expect(crossing.map((each) => `${each.file} imports ${each.target}`)).to.deep.equal([]);
    expect(imports.some(({ target }) => engineOf(target) === 'fabric')).to.equal(true);
  });

  it('imports nothing that its own package.json does not name', () => {
    const undeclared = imports
      .map((each) => ({ ...each, library: packageOf(each.target) }))
      .filter(({ room, library }) => library !== undefined && !declaredBy(room).has(library));
    expect(undeclared.map((each) => `${each.file} imports ${each.target}`)).to.deep.equal([]);
  });

  it('has each outside library in one file a room, but those the table calls wide', () => {
    const places = new Map<string, Set<string>>();
    for (const each of imports) {
      const library = packageOf(each.target);
      if (each.typeOnly || library === undefined || library.startsWith('@zhenglian/')) continue;
      if (ROOMS[each.room]?.wide.includes(library) === true) continue;
      const key = `${each.room} imports ${library}`;
      places.set(key, (places.get(key) ?? new Set<string>()).add(each.file));
    }
    const spread = [...places].filter(([, files]) => files.size > 1);
    expect(spread.map(([key, files]) => `${key} in ${[...files].join(', ')}`)).to.deep.equal([]);
  });
});

function declaredBy(room: string): Set<string> {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, room, 'package.json'), 'utf8'));
  const { dependencies = {}, devDependencies = {} } = manifest as Record<string, object>;
  return new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]);
}

function isAllowed({ file, room, target }: Import): boolean {
  const table = ROOMS[room];
  if (table === undefined) return false;
  if (target.startsWith('node:')) {
    const here = table.node === 'all' ? [target] : table.node[file.slice(room.length + 1)];
    return here?.includes(target) === true;
  }
  const library = packageOf(target);
  if (library === undefined) return roomOf(target) === room;
  return library.startsWith('@zhenglian/')
    ? table.rooms.includes(library.slice('@zhenglian/'.length))
    : table.packages.includes(library);
}

/** The package of a bare specifier; undefined for a path, which importsOf gives from the root. */
function packageOf(target: string): string | undefined {
  if (target.startsWith('node:') || Object.hasOwn(ROOMS, roomOf(target))) return undefined;
  if (target.startsWith('../') || /^(test|scripts)\//.test(target)) return undefined;
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/');
}

function roomOf(path: string): string {
  return path.split('/', 1)[0] ?? '';
}

function isTool(path: string): boolean {
  const [room = '', ...rest] = path.split('/');
  const tools = ROOMS[room]?.tools ?? [];
  return (
    path.endsWith('.d.ts') ||
    tools.includes(rest.join('/')) ||
    /^[^/]+\/[^/]+\.config\.ts$/.test(path)
  );
}

function importsOf({ path, text }: SourceFile): Import[] {
  const scripts = path.endsWith('.vue')
    ? [...text.matchAll(/<script\b[^>]*>([^]*?)<\/script>/g)].map((match) => match[1] ?? '')
    : [text];
  const found: Import[] = [];
  for (const script of scripts) {
    const source = ts.createSourceFile('x.ts', script, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      const specifier = specifierOf(node);
      if (specifier !== undefined) {
        const target = /^\.\.?\//.test(specifier)
          ? normalize(join(dirname(path), specifier)).replaceAll('\\', '/')
          : specifier.split('?', 1).join('');
        found.push({ file: path, room: roomOf(path), target, typeOnly: isTypeOnly(node) });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return textOf(node.moduleSpecifier);
  }
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : undefined;
  }
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const loads =
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require');
  return loads ? textOf(node.arguments[0]) : undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node)) return false;
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}
