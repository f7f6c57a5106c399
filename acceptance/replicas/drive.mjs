// SPDX-License-Identifier: Apache-2.0
// Starts the replicas, calls through them, stops them in their several ways meanwhile, and says which calls were lost. See run-replicas.
// usage: PREFIX=... WORK=... LAUNCHER=... node drive.mjs CALLS CLIENTS SEED
import { execFile, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const { PREFIX, WORK, LAUNCHER } = process.env;
const [CALLS, CLIENTS, SEED] = process.argv.slice(2).map(Number);
const URL = 'https://10.77.0.9:8446/mcp';
const AT_ONCE = 4;
const DEADLINE = 60_000;
const START = 180_000;
const addresses = { r1: '10.77.0.11', r2: '10.77.0.12', r3: '10.77.0.13' };

let state = SEED >>> 0; // mulberry32
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const between = (low, high) => low + random() * (high - low);
const sleep = (millis) => new Promise((done) => setTimeout(done, millis));
async function until(what, condition, millis = 60_000) {
  for (const end = Date.now() + millis; ; await sleep(50)) {
    if (await condition()) return;
    if (Date.now() > end) throw new Error(`${what}: not within ${millis / 1000} s`);
  }
}

const run = (program, ...words) => execute(program, words, { maxBuffer: 1 << 26 }).then(({ stdout }) => stdout);
const command = (host, ...words) => ['ip', 'netns', 'exec', `${PREFIX}-${host}`, ...words];
function inHost(host, words, stdio) {
  const [program, ...rest] = command(host, ...words);
  return spawn(program, rest, { cwd: `${WORK}/${host}`, stdio });
}
const fetched = (host, url) => run(...command(host, 'curl', '-s', '-m', '5', url)).catch(() => '');

// Replicas

const replicas = {};
const certificate = (name) => readFileSync(`${WORK}/${name}/.mcp-mtls/credentials/${name}/tls.crt`, 'utf8');
async function start(name) {
  const process = inHost(name, [LAUNCHER, 'serve', 'work'], ['ignore', 'pipe', 'pipe']);
  const log = createWriteStream(`${WORK}/${name}/log`, { flags: 'a' });
  process.stdout.pipe(log, { end: false });
  process.stderr.pipe(log, { end: false });
  replicas[name] = { process, certificate: certificate(name), exited: new Promise((done) => process.on('exit', (code, signal) => done(signal ?? code))) };
  await until(`${name} is ready`, async () => (await fetched(name, `http://${addresses[name]}:9443/health/ready`)).includes('"status"'), START);
}
const pid = (name) => replicas[name].process.pid; // ip replaces itself by the command, and the command's launcher by Java

// Clients

const calls = new Map();
let begun = 0;
let finished = 0;

class Client {
  constructor(index) {
    this.era = index % 2 ? 'modern' : 'legacy';
    this.host = index % 4 < 2 ? 'c1' : 'c2';
    this.waiting = new Map();
    this.ids = 0;
    this.process = inHost(this.host, [LAUNCHER, 'connect', URL], ['pipe', 'pipe', 'pipe']);
    this.process.stderr.pipe(createWriteStream(`${WORK}/${this.host}/client-${index}`));
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      this.waiting.get(message.id)?.(message);
      this.waiting.delete(message.id);
    });
  }

  request(method, params, deadline = DEADLINE) {
    const id = ++this.ids;
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'replicas', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const all = this.era === 'modern' ? { ...params, _meta: meta } : params;
    const answer = new Promise((done) => this.waiting.set(id, done));
    this.process.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params: all })}\n`);
    return Promise.race([answer, sleep(deadline).then(() => ({ error: { message: `no answer within ${deadline / 1000} s` } }))]);
  }

  /** Nothing is counted yet, so a machine that is still busy with starting may take its time. */
  async open() {
    const whoWeAre = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'replicas', version: '1' } };
    const hello = this.era === 'modern' ? ['server/discover', {}] : ['initialize', whoWeAre];
    let answer;
    await until(`the ${this.era} client is ready`, async () => !(answer = await this.request(...hello, START)).error, START)
      .catch((late) => { throw new Error(`${late.message}: ${answer.error.message}`); });
    if (this.era === 'legacy') {
      this.process.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
    }
  }

  /** A first call, which is not counted either. */
  async warmUp() {
    const answered = async () => !(await this.request('tools/call', { name: 'work', arguments: { n: 0 } }, START)).error;
    await until(`a ${this.era} client's first call`, answered, START);
  }

  async work() {
    while (begun < CALLS || !over) {
      const n = ++begun;
      const call = { era: this.era, begun: Date.now() };
      calls.set(n, call);
      const answer = await this.request('tools/call', { name: 'work', arguments: { n } });
      call.ended = Date.now();
      call.error = answer.error ?? (answer.result?.content?.[0]?.text === `${n}` ? undefined : { message: JSON.stringify(answer) });
      finished++;
      await sleep(Math.random() < 0.1 ? Math.random() * 200 : 0); // connections are idle now and then
    }
  }
}

// Events

const events = [];
let over = false;
const note = (what, from, to) => {
  events.push({ what, from, to });
  console.log(`${String(finished).padStart(6)} calls: ${what}`);
};
const order = Object.keys(addresses).sort(() => random() - 0.5);

async function kill(name) {
  const from = Date.now();
  process.kill(pid(name), 'SIGKILL');
  await replicas[name].exited;
  note(`${name} was killed`, from, Date.now());
  await sleep(between(500, 3000));
  await start(name);
}
async function drain(name) {
  const from = Date.now();
  process.kill(pid(name), 'SIGTERM');
  const code = await replicas[name].exited;
  note(`${name} was drained, exit ${code}, ${Date.now() - from} ms`, from, Date.now());
  if (code !== 0) throw new Error(`${name} exited with ${code}`);
  await sleep(between(500, 3000));
  await start(name);
}
async function renew(name) {
  // It lasts for two minutes, and is renewed after some 50 seconds.
  await until(`${name} has renewed its certificate`, () => certificate(name) !== replicas[name].certificate, 150_000);
  const from = Date.now();
  process.kill(pid(name), 'SIGTERM');
  await replicas[name].exited;
  await start(name);
  note(`${name} was restarted with a renewed certificate`, from, Date.now());
}

async function main() {
  await Promise.all(Object.keys(addresses).map(start));
  const clients = Array.from({ length: CLIENTS }, (ignored, index) => new Client(index));
  await sleep(1500); // HAProxy has seen all replicas
  await Promise.all(clients.map((client) => client.open()));
  await Promise.all(clients.map((client) => client.warmUp()));
  const working = clients.flatMap((client) => Array.from({ length: AT_ONCE }, () => client.work()));
  const steps = [[kill, 0.1, 0.2], [drain, 0.4, 0.5], [renew, 0.65, 0.8]];
  const killed = order[0];
  for (const [index, [step, low, high]] of steps.entries()) {
    const at = between(low, high) * CALLS;
    await until('calls are made', () => finished >= at, 600_000);
    await step(order[index]);
    await sleep(1500);
  }
  over = true;
  await Promise.all(working);
  clients.forEach((client) => client.process.kill());
  return killed;
}

async function verdict(killed) {
  const seen = JSON.parse(await fetched('server', 'http://10.77.0.30:9000/calls'));
  const ran = new Map();
  const by = new Map();
  seen.calls.forEach(([n, replica]) => {
    ran.set(n, (ran.get(n) ?? 0) + 1);
    by.set(n, replica);
  });
  const faults = [];
  const kill = events.find(({ what }) => what.includes('killed'));
  const table = {};
  for (const [n, call] of calls) {
    const row = (table[call.era] ??= { calls: 0, answered: 0, 'may have run': 0, 'of these ran': 0, refused: 0 });
    row.calls++;
    if ((ran.get(n) ?? 0) > 1) faults.push(`call ${n} ran ${ran.get(n)} times`);
    if (!call.error) {
      row.answered++;
      if (ran.get(n) !== 1) faults.push(`call ${n} was answered and ran ${ran.get(n) ?? 0} times`);
      continue;
    }
    const says = call.error.message ?? '';
    const mayHaveRun = says.includes('may have run');
    row[mayHaveRun ? 'may have run' : 'refused']++;
    if (ran.has(n)) row['of these ran']++;
    const inFlight = call.begun <= kill.to && call.ended >= kill.from;
    if (!mayHaveRun || !inFlight || (ran.has(n) && by.get(n) !== addresses[killed])) {
      const near = events.find(({ from, to }) => call.begun <= to && call.ended >= from);
      faults.push(`call ${n} (${call.era}, by ${by.get(n) ?? 'nobody'}, ${near ? `while ${near.what}` : 'in quiet times'}) was lost: ${says}`);
    }
  }
  console.table(table);
  const served = {};
  seen.calls.forEach(([, replica]) => (served[replica] = (served[replica] ?? 0) + 1));
  console.log('calls by replica:', served);
  console.log(`sessions opened at the upstream: ${seen.opened}`);
  for (const name of Object.keys(addresses)) {
    const accepted = readFileSync(`${WORK}/${name}/.mcp-mtls/audit.jsonl`, 'utf8').split('\n').filter((line) => line.includes('"tls-accepted"'));
    const strange = accepted.filter((line) => !/"source\.ip":"10\.77\.0\.2[12]"/.test(line) || !/"mcp_mtls\.balancer":"10\.77\.0\.9"/.test(line));
    if (accepted.length === 0 || strange.length > 0) faults.push(`${name} recorded ${strange.length} of ${accepted.length} clients without their own address: ${strange[0]}`);
  }
  return faults;
}

const killed = await main();
const faults = await verdict(killed);
faults.slice(0, 20).forEach((fault) => console.log(`fault: ${fault}`));
console.log(`${faults.length === 0 ? 'replicas: nothing was lost but what was in flight on the killed one' : `replicas: ${faults.length} faults`} (seed ${SEED})`);
process.exit(faults.length === 0 ? 0 : 1);
