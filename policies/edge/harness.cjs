'use strict';

// Runs a platform's viewer-request handler inside Node: frames of requests in on one descriptor, frames of answers out on
// another, each lines of JSON. Whatever the handler writes to its own output is beside that.
// What is needed after the handler was loaded is taken before it, for the handler may change any object that it can reach.

const { createHmac } = require('node:crypto');
const { channel, describe, invoke, load } = require('./calling.cjs');
const { install } = require('./surroundings.cjs');

const { parse, stringify } = JSON;
const exit = process.exit.bind(process);
const monotonic = process.hrtime.bigint;
const { readFrame, writeFrame } = channel(...process.argv.slice(2).map(Number));
process.argv.length = 2;

const MAXIMUM_ANSWER = 1 << 20;
const CONFIG = {
  distributionDomainName: 'd111111abcdef8.cloudfront.net',
  distributionId: 'EDFDVBD6EXAMPLE',
  eventType: 'viewer-request',
  requestId: '4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==',
};

let handler;
let surroundings;
let started = false; // whether a frame is being worked on
let answers = [];

function finish(last) {
  if (!started) return;
  started = false;
  if (last !== undefined) answers.push(last);
  writeFrame([stringify(surroundings.seen()), ...answers].join('\n'));
}

function spell(result, line) {
  if (result === undefined || result === null) return '["nothing"]';
  const text = stringify(result);
  if (text === line) return '1';
  if (text === undefined) return stringify(['nothing', typeof result]);
  if (text.length > MAXIMUM_ANSWER) return stringify(['large', text.length]);
  return `["answer",${text}]`;
}

async function decide(frame) {
  const [head, ...lines] = frame.split('\n');
  const { now, timed, observed } = parse(head);
  surroundings.observe(observed);
  answers = [];
  started = true;
  for (let at = 0; at < lines.length; at += 1) {
    surroundings.setClock(Array.isArray(now) ? now[at] : now);
    const event = { Records: [{ cf: { config: { ...CONFIG }, request: parse(lines[at]) } }] };
    const start = timed ? monotonic() : 0n;
    let answer;
    try {
      let result = invoke(handler, event, { callbackWaitsForEmptyEventLoop: true, awsRequestId: CONFIG.requestId });
      if (result !== null && typeof result === 'object' && typeof result.then === 'function') result = await result;
      if (timed) answer = stringify(['time', Number(monotonic() - start)]);
      else answer = spell(result, lines[at]);
    } catch (error) {
      answer = timed ? stringify(['time', Number(monotonic() - start)]) : stringify(['threw', describe(error)]);
    }
    answers.push(answer);
  }
  finish();
}

async function main() {
  const setup = parse(readFrame());
  surroundings = install(setup, createHmac);
  process.on('exit', () => finish(stringify(surroundings.left() ? ['exited'] : ['never'])));
  process.on('uncaughtException', (error) => {
    finish(stringify(['died', describe(error)]));
    exit(7);
  });
  started = true;
  try {
    handler = await load(setup);
    answers = ['["loaded"]'];
  } catch (error) {
    answers = [stringify(['unloadable', describe(error)])];
  }
  finish();
  if (handler === undefined) exit(0);
  for (let frame = readFrame(); frame !== null; frame = readFrame()) await decide(frame);
  process.removeAllListeners('exit');
  exit(0);
}

main();
