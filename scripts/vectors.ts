// SPDX-License-Identifier: Apache-2.0
// Writes test/vectors/licence.json (good codes, a malformed twin a rule, signatures a purpose) and the example of
// docs/credential-format.md. Deterministic: keys and seeds are fixed, so that a change of the format shows as a difference.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { sm2 } from '@zhenglian/guomi';
import { toHex } from '@zhenglian/core/bytes';
import { copyCose, copyPayload, mintCopy } from '@zhenglian/core/copy';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import { presentSet } from '@zhenglian/core/presentation';
import { provePossession } from '@zhenglian/core/possession';
import { qrVersionOf } from '@zhenglian/core/qr-size';
import { formatRequest } from '@zhenglian/core/request';
import { PURPOSES, compressKey, keyId, signFor } from '@zhenglian/core/signing';
import type { Signer } from '@zhenglian/core/signing';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { BUSINESS } from '@zhenglian/core/types/business';
import { DRIVING } from '@zhenglian/core/types/driving';
import { RESIDENT_ID } from '@zhenglian/core/types/resident-id';
import { encodeWire, formatWire } from '@zhenglian/core/wire';
import { malformedTwins } from './vectors/malformed.ts';
import { annotateWire } from './vectors/annotate.ts';

const FILE = new URL('../test/vectors/licence.json', import.meta.url);
const PAGE = new URL('../docs/credential-format.md', import.meta.url);
const TODAY = 20_605; // 2026-06-01
const AT = 1_780_286_400; // 2026-06-01 12:00 in Beijing
const NETWORK_ID = new Uint8Array(32).fill(0x5a);
const AUTHORITY = fixedSigner(0x11);
const HOLDER = fixedSigner(0x22);

/** Fields of the samples: nobody living has area 999999. */
const SAMPLES: readonly (readonly [TypeDefinition, Readonly<Record<string, string>>])[] = [
  [
    DRIVING,
    {
      name: '张三丰',
      sex: '1',
      birthDate: '1990-03-07',
      nationality: '156',
      address: '浙江省杭州市西湖区文三路一百二十号三单元',
      licenceNo: '999999199003070012',
      firstIssuedOn: '2015-05-01',
      classes: 'C1',
      validFrom: '2021-05-01',
      validTo: '2031-05-01',
      fileNo: '330100123456',
      hearingAid: 'false',
    },
  ],
  [
    RESIDENT_ID,
    {
      name: '张三丰',
      sex: '1',
      ethnicity: '01',
      birthDate: '1990-03-07',
      address: '浙江省杭州市西湖区文三路一百二十号三单元',
      idNumber: '999999199003070012',
      validFrom: '2021-05-01',
      validTo: '2041-05-01',
    },
  ],
  [
    BUSINESS,
    {
      uscc: '91330100MADEMQ0390',
      name: '杭州示例科技有限公司',
      type: '有限责任公司(自然人独资)',
      legalRep: '李四光',
      registeredCapital: '壹佰万元整',
      establishedOn: '2020-01-01',
      address: '浙江省杭州市滨江区示例路一号',
      businessScope: '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
      issuedOn: '2020-01-01',
      validTo: '长期',
    },
  ],
];

const { values: options } = parseArgs({
  options: { check: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (options.help) {
  console.log(
    'npm run vectors [-- --check]   writes the vectors, or tells whether they are current',
  );
} else {
  run(options.check ?? false);
}

function run(check: boolean): void {
  const vectors = `${JSON.stringify(makeVectors(), null, 1)}\n`;
  const page = readFileSync(PAGE, 'utf8');
  const rewritten = page.replace(
    /(<!-- example:begin[^>]*-->\n)[\s\S]*(<!-- example:end -->)/,
    (_, begin: string, end: string) => `${begin}${makeExample()}${end}`,
  );
  if (!check) {
    writeFileSync(FILE, vectors);
    writeFileSync(PAGE, rewritten);
    console.log('wrote test/vectors/licence.json and the example of docs/credential-format.md');
  } else if (readFileSync(FILE, 'utf8') !== vectors || page !== rewritten) {
    console.error('the vectors are not those of this code: run npm run vectors');
    process.exitCode = 1;
  }
}

function makeVectors() {
  const good = SAMPLES.flatMap(([type, fields], i) =>
    [false, true].flatMap((device) =>
      type.sets.map((set) => describe(type, fields, set.name, device, i)),
    ),
  );
  return {
    about: 'docs/credential-format.md; written by npm run vectors. Bytes are lower-case hex.',
    networkId: toHex(NETWORK_ID),
    authorityKey: toHex(compressKey(AUTHORITY.publicKey)),
    kid: toHex(keyId(AUTHORITY.publicKey)),
    holderKey: toHex(compressKey(HOLDER.publicKey)),
    presentedAt: AT,
    good,
    bad: malformedTwins(sampleWire(false), sampleWire(true)),
    purposes: PURPOSES.map((purpose) => ({
      purpose,
      payload: toHex(new Uint8Array(32).fill(1)),
      signature: toHex(
        signFor(AUTHORITY, {
          purpose,
          networkId: NETWORK_ID,
          payload: new Uint8Array(32).fill(1),
        }),
      ),
    })),
    request: {
      nonce: '000102030405060708090a0b0c0d0e0f',
      audience: 'P44/counter-1',
      act: 'general',
      expiresAt: AT + 120,
      text: formatRequest({
        nonce: Uint8Array.from({ length: 16 }, (_, i) => i),
        audience: 'P44/counter-1',
        act: 'general',
        expiresAt: AT + 120,
      }),
    },
  };
}

function describe(
  type: TypeDefinition,
  fields: Readonly<Record<string, string>>,
  set: string,
  device: boolean,
  sample: number,
) {
  const copy = mintSample(type, fields, device, sample);
  const wire = present(type, copy, set, device);
  const text = formatWire(wire);
  return {
    name: `${type.code} ${set} ${device ? 'by phone' : 'printed'}`,
    type: type.code,
    set,
    qrVersion: qrVersionOf(text),
    text,
    wire: toHex(encodeWire(wire)),
    payload: toHex(copyPayload(copy, type)),
    cose: toHex(copyCose(copy, type)),
  };
}

function present(
  type: TypeDefinition,
  copy: ReturnType<typeof mintSample>,
  set: string,
  device: boolean,
) {
  const found = type.sets.find((s) => s.name === set);
  if (found === undefined) throw new Error(`${type.code} has no set ${set}`);
  const wire = presentSet(copy, type, found);
  return device ? provePossession(wire, HOLDER, { networkId: NETWORK_ID, at: AT }) : wire;
}

function mintSample(
  type: TypeDefinition,
  fields: Readonly<Record<string, string>>,
  device: boolean,
  sample: number,
) {
  const values = parseFields(type, fields, { today: TODAY, testIdentities: true });
  return mintCopy(
    {
      type,
      epoch: 1,
      index: 1000 + sample,
      firstDay: TODAY,
      lastDay: TODAY + 300,
      holderKey: device ? compressKey(HOLDER.publicKey) : null,
      seed: new Uint8Array(16).fill(0x30 + sample),
      values: valuesInTreeOrder(type, values, new Uint8Array(8).fill(0xa5), 1),
    },
    NETWORK_ID,
    AUTHORITY,
  );
}

function sampleWire(device: boolean) {
  const [type, fields] = SAMPLES[0] ?? [DRIVING, {}];
  return present(type, mintSample(type, fields, device, 0), 'roadside', device);
}

function makeExample(): string {
  const wire = sampleWire(false);
  const text = formatWire(wire);
  return [
    '## An example',
    '',
    `A printed driving licence, roadside set: ${String(text.length)} characters, QR version ${String(qrVersionOf(text))} at level M.`,
    '',
    `    ${text.match(/.{1,120}/g)?.join('\n    ') ?? ''}`,
    '',
    'Its bytes:',
    '',
    ...annotateWire(wire).map((line) => `    ${line}`),
    '',
    '',
  ].join('\n');
}

/** Signs deterministically with a key that everybody knows. */
function fixedSigner(byte: number): Signer {
  const secretKey = new Uint8Array(32).fill(byte);
  const publicKey = sm2.publicKeyOf(secretKey);
  return {
    publicKey,
    sign: (message) => sm2.sign(message, secretKey, { deterministic: true }),
  };
}
