'use strict';

// Runs a platform's viewer-request handler inside Node: frames of requests in on one descriptor, frames of answers out on
// another, each a length (4 bytes, little-endian) and lines of JSON. Whatever the handler writes to its own output is beside that.
// What is needed after the handler was loaded is taken before it, for the handler may change any object that it can reach.

const fs = require('node:fs');
const { createHmac } = require('node:crypto');
const { pathToFileURL } = require('node:url');
const { install } = require('./surroundings.cjs');

const { readSync, writeSync } = fs;
const { parse, stringify } = JSON;
const exit = process.exit.bind(process);
const monotonic = process.hrtime.bigint;
const [input, output] = process.argv.slice(2).map(Number);
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

function readExactly(length) {
  const buffer = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const count = readSync(input, buffer, at, length - at, null);
    if (count === 0) return null;
    at += count;
  }
  return buffer;
}

function readFrame() {
  const length = readExactly(4);
  if (length === null) return null;
  const body = readExactly(length.readUInt32LE(0));
  return body === null ? null : body.toString('utf8');
}

function writeFrame(text) {
  const body = Buffer.from(text, 'utf8');
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32LE(body.length, 0);
  body.copy(frame, 4);
  for (let at = 0; at < frame.length; ) at += writeSync(output, frame, at, frame.length - at);
}

function finish(last) {
  if (!started) return;
  started = false;
  if (last !== undefined) answers.push(last);
  writeFrame([stringify(surroundings.seen()), ...answers].join('\n'));
}

function describe(error) {
  try {
    if (error instanceof Error) return `${error.name}: ${error.message}`.slice(0, 500);
    return `${typeof error}: ${String(error)}`.slice(0, 500);
  } catch {
    return 'something that cannot be shown';
  }
}

// As Lambda calls it: a promise, or the callback. What is returned without either is dropped there.
function invoke(event) {
  let settle;
  let settled;
  const promise = () => new Promise((resolve, reject) => { settle = { resolve, reject }; });
  const callback = (error, value) => {
    const end = error === null || error === undefined ? { value } : { error };
    if (settle !== undefined) 'error' in end ? settle.reject(end.error) : settle.resolve(end.value);
    else settled ??= end;
  };
  const returned = handler(event, { callbackWaitsForEmptyEventLoop: true, awsRequestId: CONFIG.requestId }, callback);
  if (returned !== null && typeof returned === 'object' && typeof returned.then === 'function') return returned;
  if (settled !== undefined) {
    if ('error' in settled) throw settled.error;
    return settled.value;
  }
  if (returned !== undefined) return undefined;
  return promise();
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
      let result = invoke(event);
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

async function load({ file, name }) {
  const loaded = file.endsWith('.cjs') ? require(file) : await import(pathToFileURL(file).href);
  const found = loaded[name] ?? loaded.default?.[name];
  if (typeof found !== 'function') throw new TypeError(`it exports no function called ${name}`);
  return found;
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
