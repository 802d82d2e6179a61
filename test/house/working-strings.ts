// SPDX-License-Identifier: Apache-2.0
// The strings a test works with: literals, patterns and keys of objects, without comments, types and titles of tests.
import ts from 'typescript';

const TITLED = new Set(['describe', 'context', 'it', 'before', 'after', 'beforeEach', 'afterEach']);

/** Texts of the literals of a TypeScript source. */
export function* workingStrings(path: string, source: string): Generator<string> {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || isTitle(node)) return;
    if (ts.isLiteralExpression(node) || ts.isTemplateLiteralToken(node)) texts.push(node.text);
    if (ts.isPropertyAssignment(node)) texts.push(node.name.getText(file));
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  yield* texts;
}

/** All strings in parsed JSON, keys too. */
export function* jsonStrings(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield key;
    yield* jsonStrings(inner);
  }
}

function isTitle(node: ts.Node): boolean {
  const { parent } = node;
  if (!ts.isCallExpression(parent) || parent.arguments[0] !== node) return false;
  const called = parent.expression;
  const name = ts.isPropertyAccessExpression(called) ? called.expression : called;
  return ts.isIdentifier(name) && TITLED.has(name.text) && !ts.isFunctionLike(node);
}
