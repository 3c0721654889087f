'use strict';

// Lambda@Edge has no environment: package.sh writes config.json beside this file at a release, from Secrets Manager.

const { createSecretKey } = require('node:crypto');

// RFC 7518, 3.2: a key of at least the hash's size.
const MIN_KEY_BYTES = 32;

/** The keys that a configuration holds: today's, and while it is being rotated the one before. */
function keysOf(config) {
  return [config.QUEUE_ENTRY_TOKEN_SECRET, config.QUEUE_ENTRY_TOKEN_SECRET_PREVIOUS]
    .filter((secret) => typeof secret === 'string' && Buffer.byteLength(secret) >= MIN_KEY_BYTES)
    .map((secret) => createSecretKey(Buffer.from(secret, 'utf8')));
}

function configuration() {
  try {
    return require('./config.json') ?? {};
  } catch {
    // Its message could quote the file.
    return {};
  }
}

const keys = keysOf(configuration());
// Without a key every protected path is refused, which somebody should be told.
if (keys.length === 0) console.error('config.json is missing, or has no secret of 32 bytes or more: nobody is let in');

module.exports = { keys, keysOf };
