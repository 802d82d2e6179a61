// SPDX-License-Identifier: Apache-2.0
// The house rules that a linter can keep: types, complexity, what each room may import (scripts/rooms.json),
// who may touch the process, the clock and chance, named exports, the licence line.
import { readFileSync } from 'node:fs';
import pluginVue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';
import vueParser from 'vue-eslint-parser';

const ROOMS = JSON.parse(readFileSync(new URL('scripts/rooms.json', import.meta.url), 'utf8'));
const escape = (text) => text.replaceAll(/[/.]/g, '\\$&');

/** A rule of our own: every file says first under which licence it is. */
const house = {
  rules: {
    'spdx-line': {
      meta: { type: 'problem', schema: [] },
      create: (context) => ({
        Program(node) {
          const opening = context.sourceCode.text.replace(/^#!.*\n/, '').slice(0, 60);
          if (!/^(\/\/|<!--|\/\*) SPDX-License-Identifier: Apache-2\.0/.test(opening)) {
            context.report({ node, message: 'The file does not open with the SPDX line.' });
          }
        },
      }),
    },
  },
};

/** Forbids every import but those the table names, and relative imports that leave the room. */
function restrictImports(allowedRooms, packages, nodeModules) {
  const rooms = allowedRooms.map((room) => `@zhenglian\\/${room}`);
  const names = [...packages, ...nodeModules].map(escape);
  const allowed = [...rooms, ...names].map((name) => `${name}(\\/|$)`);
  if (nodeModules.includes('node:*')) allowed.push('node:');
  const pattern = `^(?!\\.|${allowed.join('|')})`;
  const patterns = [
    { regex: pattern, message: 'This room may not import it: scripts/rooms.json.' },
  ];
  return { 'no-restricted-imports': ['error', { patterns }] };
}

function roomConfig([room, { rooms, packages, node }]) {
  const files = [`${room}/**/*.ts`, `${room}/src/**/*.vue`];
  const ignores = [`${room}/*.config.ts`];
  const some = node === 'all' ? {} : node;
  const everywhere = node === 'all' ? ['node:*'] : [];
  return [
    { files, ignores, rules: restrictImports(rooms, packages, everywhere) },
    ...Object.entries(some).map(([file, modules]) => ({
      files: [`${room}/${file}`],
      rules: restrictImports(rooms, packages, modules),
    })),
  ];
}

const NAMED_EXPORTS = {
  selector: 'ExportDefaultDeclaration',
  message: 'Named exports only.',
};
const CLOCK_AND_CHANCE = [
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'The clock is an argument.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'The clock is an argument.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Randomness is an argument.',
  },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '.build/**',
      '.data/**',
      '**/node_modules/**',
      'guomi/kernel/**',
      'test/vectors/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' }, plugins: { house } },
  {
    files: ['**/*.ts', '**/*.vue', '**/*.js', '**/*.mjs'],
    rules: { 'house/spdx-line': 'error', complexity: ['error', 10], eqeqeq: 'error' },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      // Code points are what is wanted of names.
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.vue'],
    extends: [tseslint.configs.strict, pluginVue.configs['flat/essential']],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser } },
  },
  ...Object.entries(ROOMS).flatMap(roomConfig),
  {
    files: Object.keys(ROOMS).flatMap((room) => [`${room}/**/*.ts`, `${room}/**/*.vue`]),
    ignores: ['**/main.ts', '*/*.config.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'Only main.ts touches process.' },
      ],
      'no-restricted-syntax': ['error', NAMED_EXPORTS],
    },
  },
  {
    files: ['core/**/*.ts', 'chaincode/**/*.ts', 'guomi/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', NAMED_EXPORTS, ...CLOCK_AND_CHANCE] },
  },
  { files: ['**/*.d.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    // Transactions are async whether they wait or not: the contract API wants promises.
    files: ['chaincode/**/*.ts'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  {
    // Tests read what they made themselves, oracles without types, and bodies a schema has checked.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
);
