// SPDX-License-Identifier: Apache-2.0
// A small contract for tests of the engines: a register of numbers. Requests are JSON, answers base64 of JSON.
'use strict';
const { Contract } = require('fabric-contract-api');

const answer = (value) => Buffer.from(JSON.stringify(value)).toString('base64');
const read = (ctx) => JSON.parse(ctx.stub.getBufferArgs()[1].toString() || '{}');
const number = async (ctx, key) => Number((await ctx.stub.getState(key)).toString() || '0');
const put = (ctx, key, value) => ctx.stub.putState(key, Buffer.from(String(value)));

class RegisterContract extends Contract {
  constructor() {
    super('register');
  }

  async Put(ctx) {
    const { key, value } = read(ctx);
    await put(ctx, key, value);
    return answer(ctx.stub.getTxTimestamp().seconds.toNumber());
  }

  async Add(ctx) {
    const { key, value } = read(ctx);
    const sum = (await number(ctx, key)) + value;
    await put(ctx, key, sum);
    return answer(sum);
  }

  async Remove(ctx) {
    await ctx.stub.deleteState(read(ctx).key);
    return '';
  }

  async Get(ctx) {
    return answer(await number(ctx, read(ctx).key));
  }

  async List(ctx) {
    return answer(await list(ctx));
  }

  async WriteSum(ctx) {
    const entries = await list(ctx);
    const sum = entries.reduce((total, [, value]) => total + Number(value), 0);
    await put(ctx, read(ctx).into, sum);
    return answer(sum);
  }

  async Fail(ctx) {
    await put(ctx, 'never', 1);
    throw new Error('KEY_BURNED: the test says so');
  }

  async Ask(ctx) {
    const { chaincode, name, key } = read(ctx);
    const args = [Buffer.from(name), Buffer.from(JSON.stringify({ key, value: 1 }))];
    const response = await ctx.stub.invokeChaincode(chaincode, args, '');
    if (response.status !== 200) throw new Error(response.message);
    await put(ctx, 'asked', Buffer.from(response.payload.toString(), 'base64').toString());
    return response.payload.toString();
  }

  async Tell(ctx) {
    const { name, text } = read(ctx);
    ctx.stub.setEvent(name, Buffer.from(text));
    await put(ctx, 'told', 1);
    return '';
  }

  async PutPair(ctx) {
    const { type, parts } = read(ctx);
    await put(ctx, ctx.stub.createCompositeKey(type, parts), 1);
    return '';
  }

  async ListPairs(ctx) {
    const { type, parts } = read(ctx);
    const found = [];
    for await (const { key } of ctx.stub.getStateByPartialCompositeKey(type, parts)) {
      found.push(ctx.stub.splitCompositeKey(key).attributes);
    }
    return answer(found);
  }

  async Size(ctx) {
    return answer(ctx.stub.getBufferArgs()[2].length);
  }

  async Private(ctx) {
    return answer((await ctx.stub.getPrivateData('c', 'k')).toString());
  }

  async ReadYourWrite(ctx) {
    await put(ctx, 'own', 7);
    return answer(await number(ctx, 'own'));
  }
}

async function list(ctx) {
  const { start, end, limit } = read(ctx);
  const entries = [];
  for await (const { key, value } of ctx.stub.getStateByRange(start, end)) {
    entries.push([key, value.toString()]);
    if (entries.length === limit) break;
  }
  return entries;
}

module.exports = { contracts: [RegisterContract] };
