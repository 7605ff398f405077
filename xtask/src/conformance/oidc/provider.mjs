// An OpenID provider of its own for one run: client credentials, JWT access tokens, keys made afresh at every start.
//
//   node provider.mjs serve PORT                          on loopback; 0 finds a port. Prints the issuer's address
//   node provider.mjs token ISSUER CLIENT RESOURCE SCOPE  asks it for a token as any client would. Prints the token
//
// What a resource is called says what its tokens are like: RESOURCE is https://secrets.test/ALG/SECONDS/AUDIENCE.

import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';

const SECRET = 'conformance';
const SCOPES = 'vault.read vault.write vault.reveal';
// The groups that the provider says each client is in.
const CLIENTS = { reader: [], writer: ['platform'], outsider: ['sales'] };

function key(algorithm, ...kind) {
  const { privateKey } = generateKeyPairSync(...kind);
  return { ...privateKey.export({ format: 'jwk' }), alg: algorithm, use: 'sig', kid: randomUUID() };
}

function resource(name) {
  const [alg, seconds, audience] = new URL(name).pathname.slice(1).split('/');
  return {
    scope: SCOPES,
    audience,
    accessTokenTTL: Number(seconds),
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg } },
  };
}

async function provider(issuer) {
  const { Provider } = await import('oidc-provider');
  return new Provider(issuer, {
    clients: Object.keys(CLIENTS).map((client_id) => ({
      client_id,
      client_secret: SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      scope: SCOPES,
    })),
    scopes: SCOPES.split(' '),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, getResourceServerInfo: (_, name) => resource(name) },
    },
    extraTokenClaims: (_, token) => ({ groups: CLIENTS[token.clientId] }),
    jwks: {
      keys: [
        key('RS256', 'rsa', { modulusLength: 2048 }),
        key('ES256', 'ec', { namedCurve: 'P-256' }),
        key('EdDSA', 'ed25519'),
      ],
    },
  });
}

async function serve(port) {
  let answer;
  const server = createServer((request, response) => answer(request, response));
  await new Promise((listening) => server.listen(Number(port), '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  answer = (await provider(issuer)).callback();
  console.log(issuer);
}

async function token(issuer, client, resource, scope) {
  const found = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const body = new URLSearchParams({ grant_type: 'client_credentials', scope });
  if (resource) body.set('resource', resource);
  const authorization = `Basic ${Buffer.from(`${client}:${SECRET}`).toString('base64')}`;
  const answer = await fetch(found.token_endpoint, { method: 'POST', headers: { authorization }, body });
  const granted = await answer.json();
  if (!granted.access_token) throw new Error(`${answer.status} ${granted.error}`);
  console.log(granted.access_token);
}

const [verb, ...words] = process.argv.slice(2);
await { serve, token }[verb](...words);
