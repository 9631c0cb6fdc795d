// One person's machine: the simulator with a private HOME, kabuto beside it, a browser with a profile of its own, and an
// xdg-open that hands each link to the test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const source = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const build = process.env.KABUTO_BUILD ?? join(source, 'build/release');
const seconds = 60;
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function until(what, ask) {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`waited ${seconds} s for ${what}`);
}

export class Machine {
  static async start() {
    const machine = new Machine();
    machine.place = await mkdtemp(join(tmpdir(), 'browser-'));
    const programs = join(machine.place, 'bin');
    machine.links = join(machine.place, 'links');
    await mkdir(programs);
    await writeFile(machine.links, '');
    await writeFile(join(programs, 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$1" >>'${machine.links}'\n`);
    await chmod(join(programs, 'xdg-open'), 0o755);
    const path = `${programs}:${build}:/usr/local/bin:/usr/bin:/bin`;
    const tell = 'console.log(JSON.stringify(process.env)); process.stdin.resume()';
    machine.simulator = spawn(join(build, 'kabuto-sim'),
      ['run', '--seed', join(source, 'sim/example.json'), '--', process.execPath, '-e', tell],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: path, HOME: machine.place, TMPDIR: tmpdir(), LANG: 'C.UTF-8' } });
    const [line] = await once(createInterface(machine.simulator.stdout), 'line');
    machine.env = { ...JSON.parse(line), KABUTO_BROWSER: join(programs, 'xdg-open') };
    machine.url = machine.env.KABUTO_SIM_URL;
    machine.browser = await chromium.launchPersistentContext(join(machine.place, 'chromium'),
      { executablePath: '/usr/bin/chromium', args: flags, chromiumSandbox: false, viewport: { width: 900, height: 760 } });
    machine.browser.setDefaultTimeout(seconds * 1000);
    return machine;
  }

  async stop() {
    await this.browser?.close();
    this.simulator.stdin.end();
    await once(this.simulator, 'exit');
  }

  async ask(path) {
    const reply = await fetch(`${this.url}/_sim/${path}`);
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.text()).trim();
  }

  password(user) { return this.ask(`password?user=${user}`); }

  /// A code that has not been used yet.
  code(user) {
    return until(`an MFA code of ${user}`, async () => JSON.parse(await this.ask(`code?user=sso:${user}&any=1`)).code);
  }

  /// Starts a command; `ended` gives its exit code, `text` what it has printed so far on both streams.
  start(program, ...words) {
    const child = spawn(program, words, { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const running = { text: '', out: '' };
    child.stdout.on('data', (some) => { running.text += some; running.out += some; });
    child.stderr.on('data', (some) => { running.text += some; });
    running.ended = once(child, 'close').then(([code]) => code);
    return running;
  }

  async run(program, ...words) {
    const running = this.start(program, ...words);
    const code = await running.ended;
    if (code !== 0) throw new Error(`${program} ${words.join(' ')}: exit ${code}\n${running.text}`);
    return running.out;
  }

  /// The next link that a program has opened.
  async link() {
    const seen = this.seen ?? 0;
    const links = await until('a link', async () => {
      const lines = (await readFile(this.links, 'utf8')).split('\n').slice(0, -1);
      return lines.length > seen && lines;
    });
    this.seen = seen + 1;
    return links[seen];
  }

  async open(link) {
    const page = await this.browser.newPage();
    await page.goto(link);
    return page;
  }
}

/// Fills the sign-in page in as a person would, each time wrong first.
export async function signIn(machine, page, user) {
  const password = await machine.password(user);
  for (const typed of [`not ${password}`, password]) {
    await page.getByLabel('User name').fill(user);
    await page.getByLabel('Password').fill(typed);
    await page.getByRole('button', { name: 'Sign in' }).click();
    if (typed !== password) await page.getByRole('alert').getByText('is wrong').waitFor();
  }
  const code = await machine.code(user);
  for (const typed of [code === '000000' ? '000001' : '000000', code]) {
    await page.getByLabel('MFA code').fill(typed);
    await page.getByRole('button', { name: 'Sign in' }).click();
    if (typed !== code) await page.getByRole('alert').getByText('is wrong').waitFor();
  }
}

/// A picture for people, where KABUTO_PICTURES names a directory.
export async function picture(page, name) {
  const directory = process.env.KABUTO_PICTURES;
  if (directory) await page.screenshot({ path: join(directory, `${name}.png`) });
}
