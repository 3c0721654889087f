'use strict';

// How a harness speaks with us and calls a handler: frames in on one descriptor, frames out on another, each a length (4 bytes,
// little-endian) and text; and a handler as Lambda calls it. What is needed after the handler was loaded is taken before it, for
// the handler may change any object that it can reach.

const fs = require('node:fs');
const { pathToFileURL } = require('node:url');

const { readSync, writeSync } = fs;

function channel(input, output) {
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

  return { readFrame, writeFrame };
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
function invoke(handler, event, context) {
  let settle;
  let settled;
  const promise = () => new Promise((resolve, reject) => { settle = { resolve, reject }; });
  const callback = (error, value) => {
    const end = error === null || error === undefined ? { value } : { error };
    if (settle !== undefined) 'error' in end ? settle.reject(end.error) : settle.resolve(end.value);
    else settled ??= end;
  };
  const returned = handler(event, context, callback);
  if (returned !== null && typeof returned === 'object' && typeof returned.then === 'function') return returned;
  if (settled !== undefined) {
    if ('error' in settled) throw settled.error;
    return settled.value;
  }
  if (returned !== undefined) return undefined;
  return promise();
}

async function load({ file, name }) {
  const loaded = file.endsWith('.cjs') ? require(file) : await import(pathToFileURL(file).href);
  const found = loaded[name] ?? loaded.default?.[name];
  if (typeof found !== 'function') throw new TypeError(`it exports no function called ${name}`);
  return found;
}

module.exports = { channel, describe, invoke, load };
