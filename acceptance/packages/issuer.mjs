// SPDX-License-Identifier: Apache-2.0
// A small authorization server over mutual TLS, whose tokens are bound to the certificate of the client: node issuer.mjs CREDENTIAL
// AUDIENCE, where CREDENTIAL is a directory of the store. Programs are known by their certificate; a person who opens its page consents.
import { createHash, createPublicKey, createSign, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';

const [credential, audience] = process.argv.slice(2);
const [cert, key, ca] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => readFileSync(`${credential}/${name}`));
const { kty, crv, x, y } = createPublicKey(key).export({ format: 'jwk' });
const logins = new Map(); // by code
let issuer;

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('base64url');

function token(subject, certificate) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: subject, aud: audience, client_id: 'packages', iat: now, exp: now + 300, jti: randomUUID(), cnf: { 'x5t#S256': sha256(certificate) } };
  const signed = `${base64({ alg: 'ES256', typ: 'at+jwt', kid: 'own' })}.${base64(claims)}`;
  return `${signed}.${createSign('sha256').update(signed).sign({ key, dsaEncoding: 'ieee-p1363' }, 'base64url')}`;
}

/** The subject whom a request at the token endpoint is for. */
function subject(form) {
  if (form.get('grant_type') === 'client_credentials') return 'packages';
  const login = logins.get(form.get('code'));
  logins.delete(form.get('code'));
  return login && login.redirect === form.get('redirect_uri') && login.challenge === sha256(form.get('code_verifier') ?? '') ? 'ada' : undefined;
}

const pages = {
  '/.well-known/oauth-authorization-server': () => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'client_credentials'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'tls_client_auth'],
    tls_client_certificate_bound_access_tokens: true,
  }),
  '/jwks': () => ({ keys: [{ kty, crv, x, y, kid: 'own', use: 'sig', alg: 'ES256' }] }),
};

const server = https.createServer({ cert, key, ca, requestCert: true }, async (request, response) => {
  const url = new URL(request.url, issuer);
  const answer = (status, body) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  if (url.pathname === '/authorize') {
    const back = new URL(url.searchParams.get('redirect_uri'));
    const code = randomUUID();
    logins.set(code, { redirect: back.href, challenge: url.searchParams.get('code_challenge') });
    back.search = new URLSearchParams({ code, state: url.searchParams.get('state'), iss: issuer });
    response.writeHead(302, { Location: back.href }).end();
  } else if (url.pathname === '/token') {
    const form = new URLSearchParams((await request.toArray()).join(''));
    const whose = subject(form);
    if (!whose) return answer(400, { error: 'invalid_grant' });
    answer(200, { access_token: token(whose, request.socket.getPeerCertificate().raw), token_type: 'Bearer', expires_in: 300 });
  } else {
    const page = pages[url.pathname];
    answer(page ? 200 : 404, page?.() ?? {});
  }
});
server.listen(0, '127.0.0.1', () => {
  issuer = `https://localhost:${server.address().port}`;
  console.log(`ready as ${issuer}`);
});
