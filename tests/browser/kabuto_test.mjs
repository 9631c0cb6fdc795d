// kabuto's whole way through a browser, in Chromium: login by browser and by device code, and the console.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Machine, picture, signIn, until } from './machine.mjs';

let machine;
before(async () => {
  machine = await Machine.start();
  await machine.run('kabuto', 'store', 'init', '--slot', 'keyfile', '--key-file', join(machine.place, 'key'));
});
after(() => machine?.stop());

test('kabuto login opens the page, waits for the person, and is signed in', async () => {
  const login = machine.start('kabuto', 'login', 'corp');
  const page = await machine.open(await machine.link());
  await signIn(machine, page, 'alice');
  assert.equal(await login.ended, 0, login.text);
  assert.match(login.text, /signed in to corp/);
  await page.getByText('You are signed in').waitFor();
  await picture(page, 'signed-in');
});

test('two accounts in a row stay signed in to the console', async () => {
  const accounts = { 'corp-admin': ['workloads (222222222222)', 'Admin'], 'corp-readonly': ['people (111111111111)', 'ReadOnly'] };
  let page;
  for (const [profile, [account, role]] of Object.entries(accounts)) {
    await machine.run('kabuto', 'console', profile, '--federate', '--service', 's3');
    page = await machine.open(await machine.link());
    assert.equal(await page.locator('#account').innerText(), account);
    assert.match(await page.locator('#role').innerText(), new RegExp(`^AWSReservedSSO_${role}_`));
    assert.equal(await page.locator('#page').innerText(), '/s3/home');
  }
  await page.goto(`${machine.url}/console/sessions`);
  assert.equal(await page.locator('#sessions li').count(), 2);
});

test('a cancelled sign-in says so and leaves the session usable', async () => {
  const login = machine.start('kabuto', 'login', 'corp');
  const page = await machine.open(await machine.link());
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.notEqual(await login.ended, 0);
  assert.match(login.text, /cancel|denied|refused/);
  await machine.run('kabuto', 'process', 'corp-admin');
});

test('kabuto login --device shows a code that another browser allows', async () => {
  await machine.run('kabuto', 'logout', 'corp');
  const login = machine.start('kabuto', 'login', '--device', 'corp');
  const code = await until('a code', () => login.text.match(/\b[A-Z]{4}-[A-Z]{4}\b/)?.[0]);
  const page = await machine.open(`${machine.url}/device?user_code=${code}`);
  await signIn(machine, page, 'alice');
  await page.getByText(code).waitFor();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByRole('heading', { name: 'Request approved' }).waitFor();
  assert.equal(await login.ended, 0, login.text);
  assert.match(login.text, /signed in to corp/);
});
