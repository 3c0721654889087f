// The AWS SDK that Lambda's own Node has: ministack gives it to require(), this gives the same to import.
'use strict';

const { createRequire, registerHooks } = require('node:module');
const fs = require('node:fs');
const path = require('node:path');
const { fileURLToPath } = require('node:url');

const CLIENT = /^@aws-sdk\/client-[\w-]+$/;

// A module's exports are written down before it runs: every name that the function's own code could ask for.
function namesIn(folder) {
  const found = new Set();
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile() || !/\.[cm]?js$/.test(entry.name)) continue;
    const text = fs.readFileSync(path.join(folder, entry.name), 'utf8');
    for (const [name] of text.matchAll(/\b[A-Z]\w*(?:Client|Command)\b/g)) found.add(name);
  }
  return [...found];
}

registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!CLIENT.test(specifier) || !context.parentURL) throw error;
      const parent = encodeURIComponent(context.parentURL);
      return { url: `turnstile-sdk:${specifier}?from=${parent}`, format: 'module', shortCircuit: true };
    }
  },
  load(url, context, next) {
    if (!url.startsWith('turnstile-sdk:')) return next(url, context);
    const [specifier, parent] = url.slice('turnstile-sdk:'.length).split('?from=');
    const file = fileURLToPath(decodeURIComponent(parent));
    globalThis.__turnstileSdk = (name) => createRequire(file)(name);
    const names = namesIn(path.dirname(file)).map((name) => `export const ${name} = sdk.${name};`);
    const source = `const sdk = globalThis.__turnstileSdk(${JSON.stringify(specifier)});\n${names.join('\n')}\nexport default sdk;`;
    return { format: 'module', source, shortCircuit: true };
  },
});
