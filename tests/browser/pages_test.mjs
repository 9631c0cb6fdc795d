// The simulator's own pages in Chromium, with an OAuth client made by hand: authorization code, device code, the portal's
// credentials, and two console sessions beside each other.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Machine, picture, signIn } from './machine.mjs';

const startUrl = 'https://d-kabutosim.awsapps.com/start';
const home = 'https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1';
let machine;
before(async () => { machine = await Machine.start(); });
after(() => machine?.stop());

async function call(path, body, headers = {}) {
  const reply = await fetch(machine.url + path, {
    method: body ? 'POST' : 'GET', body: body && JSON.stringify(body),
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers } });
  const text = await reply.text();
  assert.equal(reply.status, 200, `${path}: ${text}`);
  return JSON.parse(text);
}

function register(grantTypes, redirectUris) {
  return call('/client/register', { clientName: 'browser-test', clientType: 'public', scopes: ['sso:account:access'],
    grantTypes, redirectUris, issuerUrl: startUrl });
}

async function signInByCode() {
  const listener = createServer((_, reply) => reply.end('done')).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const redirect = `http://127.0.0.1:${listener.address().port}/oauth/callback`;
  const client = await register(['authorization_code', 'refresh_token'], ['http://127.0.0.1/oauth/callback']);
  const verifier = randomBytes(48).toString('base64url');
  const query = new URLSearchParams({ response_type: 'code', client_id: client.clientId, redirect_uri: redirect, state: 'a-state',
    code_challenge_method: 'S256', scopes: 'sso:account:access',
    code_challenge: createHash('sha256').update(verifier).digest('base64url') });
  const page = await machine.open(`${machine.url}/authorize?${query}`);
  await picture(page, 'sign-in');
  const callback = once(listener, 'request');
  await signIn(machine, page, 'alice');
  const [request] = await callback;
  const answer = new URL(request.url, redirect).searchParams;
  assert.equal(answer.get('state'), 'a-state');
  await page.getByText('done').waitFor();
  listener.close();
  listener.closeAllConnections();
  return call('/token', { clientId: client.clientId, clientSecret: client.clientSecret, grantType: 'authorization_code',
    code: answer.get('code'), redirectUri: redirect, codeVerifier: verifier });
}

async function consoleLink(token, account, role) {
  const query = new URLSearchParams({ account_id: account, role_name: role });
  const { roleCredentials } = await call(`/federation/credentials?${query}`, undefined,
    { 'x-amz-sso_bearer_token': token.accessToken });
  const reply = await fetch(`${machine.url}/federation`, { method: 'POST', body: new URLSearchParams({ Action: 'getSigninToken',
    Session: JSON.stringify({ sessionId: roleCredentials.accessKeyId, sessionKey: roleCredentials.secretAccessKey,
      sessionToken: roleCredentials.sessionToken }) }) });
  const { SigninToken } = await reply.json();
  return `${machine.url}/federation?${new URLSearchParams({ Action: 'login', Issuer: '', Destination: home, SigninToken })}`;
}

test('a sign-in with password and code leads back to the program, and two accounts stay open in the console', async () => {
  const token = await signInByCode();
  const first = await machine.open(await consoleLink(token, '222222222222', 'ReadOnly'));
  assert.equal(await first.locator('#account').innerText(), 'workloads (222222222222)');
  const second = await machine.open(await consoleLink(token, '333333333333', 'Admin'));
  assert.equal(await second.locator('#account').innerText(), 'sandbox (333333333333)');
  assert.match(await second.locator('#role').innerText(), /^AWSReservedSSO_Admin_/);
  assert.equal(await second.locator('#page').innerText(), '/s3/home');
  await picture(second, 'console');
  await second.getByRole('link', { name: 'workloads' }).click();
  assert.match(await second.locator('#arn').innerText(), /assumed-role\/AWSReservedSSO_ReadOnly_.*\/alice$/);
  await second.goto(`${machine.url}/console/sessions`);
  assert.equal(await second.locator('#sessions li').count(), 2);
});

test('a device is allowed only after its code has been shown and confirmed', async () => {
  const client = await register(['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token']);
  const device = await call('/device_authorization', { clientId: client.clientId, clientSecret: client.clientSecret, startUrl });
  const page = await machine.open(device.verificationUriComplete.replace(/^https:\/\/[^/]*\/(device)?/, `${machine.url}/device`));
  await signIn(machine, page, 'alice');
  await page.getByText(device.userCode).waitFor();
  await picture(page, 'device');
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByRole('heading', { name: 'Request approved' }).waitFor();
  assert.ok((await call('/token', { clientId: client.clientId, clientSecret: client.clientSecret,
    grantType: 'urn:ietf:params:oauth:grant-type:device_code', deviceCode: device.deviceCode })).accessToken);
});
