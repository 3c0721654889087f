// What the ticket service knows the worker by: INTERNAL_API_TOKEN itself (tests, a developer's machine), or the secret in Secrets Manager
// that INTERNAL_API_TOKEN_SECRET_ID names.

import { Failure } from './failure.js';

// A value that was replaced is taken up within this time, or at once when the ticket service refuses the old one.
const LIFETIME_MS = 5 * 60 * 1000;

/** A credential: `get` it, and `forget` it when it is refused. */
export function credentialFrom(environment) {
  const { INTERNAL_API_TOKEN: token, INTERNAL_API_TOKEN_SECRET_ID: secretId } = environment;
  if (token) return { get: async () => token, forget: () => {} };
  if (secretId) return cached(() => fromSecretsManager(secretId));
  throw new Error('INTERNAL_API_TOKEN_SECRET_ID (or INTERNAL_API_TOKEN) is not set');
}

function cached(fetchValue) {
  let value; // a promise: groups that begin together ask once
  let until = 0;
  const forget = () => {
    value = undefined;
  };
  return {
    forget,
    get() {
      if (value === undefined || Date.now() >= until) {
        until = Date.now() + LIFETIME_MS;
        value = fetchValue();
        value.catch(forget);
      }
      return value;
    },
  };
}

let client;

async function fromSecretsManager(secretId) {
  try {
    const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    client ??= new SecretsManagerClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 1000, requestTimeout: 2000 } });
    const { SecretString: secret } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    if (!secret) throw new Error('the secret is empty');
    return secret;
  } catch (error) {
    throw new Failure(`no credential from Secrets Manager: ${error.name}`);
  }
}
