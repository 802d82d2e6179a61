// SPDX-License-Identifier: Apache-2.0
// The peer that Fabric's tutorials teach: one licence a transaction, a record of text under its number. No signature of a bureau, no scope, no root.
'use strict';
const { Contract } = require('fabric-contract-api');

class OneLicenceContract extends Contract {
  constructor() {
    super('one-licence');
  }

  async Issue(ctx, request) {
    const licence = JSON.parse(request);
    const held = await ctx.stub.getState(licence.number);
    if (held.length > 0) throw new Error(`EXISTS: ${licence.number}`);
    await ctx.stub.putState(licence.number, Buffer.from(request));
    return '';
  }
}

module.exports.contracts = [OneLicenceContract];
