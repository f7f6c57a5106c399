// SPDX-License-Identifier: Apache-2.0
// The access rules with what they decided, an explanation of one decision, and everything that a peer may call.
import { get, poll } from '../api.js';
import { button, command, data, empty, facts, h, keyed, mark, say, show } from '../dom.js';
import { count, counted, relative, time } from '../format.js';
import { select, trouble } from './common.js';

const FIRST = 200;

export function access(app) {
  let params = {};
  let asked = '';
  let round = 0;

  const failed = trouble();
  const summary = h('p', { class: 'summary', role: 'status' });
  const warnings = h('div', { class: 'warnings' });
  const rows = h('tbody', { role: 'rowgroup' });
  const rules = h('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': 'Rules' }, h('table', { class: 'rules', role: 'table' }, h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' },
    [['Rule'], ['Applies to'], ['Permitted', 'number'], ['Denied', 'number'], ['Would be denied', 'number'], ['Rate limited', 'number'], ['Last']].map(([title, kind]) => h('th', { scope: 'col', role: 'columnheader', class: kind }, title)))), rows));
  const noRules = h('div');

  const peer = h('input', { name: 'peer', required: true, list: 'peers', autocomplete: 'off', spellcheck: 'false', placeholder: 'laptop-7' });
  const server = select('server', [['', 'every server']]);
  const kind = select('kind', [['tool', 'tool'], ['prompt', 'prompt'], ['resource', 'resource'], ['method', 'method']], { 'aria-label': 'Kind of call' });
  const target = h('input', { name: 'target', list: 'tools', autocomplete: 'off', spellcheck: 'false', placeholder: 'every tool', 'aria-label': 'Name of the tool, prompt, resource or method' });
  const args = h('textarea', { name: 'arguments', rows: '2', spellcheck: 'false', placeholder: '{"city": "Tokyo"}' });
  const peers = h('datalist', { id: 'peers' });
  const tools = h('datalist', { id: 'tools' });
  const wrong = h('p', { class: 'error', role: 'alert', hidden: true });
  const result = h('div', { class: 'result', 'aria-live': 'polite' });
  const form = h('form', { class: 'explain', on: { submit } },
    h('label', {}, h('span', {}, 'May the peer'), peer),
    h('label', {}, h('span', {}, 'on the server'), server),
    h('div', { class: 'pair' }, h('label', {}, h('span', {}, 'call the'), kind), target),
    h('details', {}, h('summary', {}, 'with arguments'), h('label', {}, h('span', {}, 'A JSON object'), args)),
    h('button', { class: 'primary' }, 'Explain'), peers, tools);
  kind.addEventListener('change', () => { target.placeholder = kind.value === 'tool' ? 'every tool' : kind.value === 'resource' ? 'file:///…' : kind.value === 'method' ? 'tools/call' : 'name'; });
  const element = h('div', { class: 'page' },
    h('div', { class: 'head' }, h('h1', {}, 'Access'), summary), failed.element, warnings,
    h('section', {}, h('h2', {}, 'Why may a peer call, or why not?'), form, wrong, result),
    h('section', {}, h('h2', {}, 'Rules'), noRules, rules));

  async function load() {
    try {
      render(await get('access'));
      failed.clear();
    } catch (error) {
      failed.tell(error);
    }
  }

  function render(answer) {
    const list = answer.rules ?? [];
    const never = new Set(answer.neverMatched ?? []);
    const { byDefault = {} } = answer;
    const would = list.reduce((sum, rule) => sum + rule.wouldBeDenied, byDefault.wouldBeDenied ?? 0);
    show(summary, answer.mode === 'none' ? 'No rules: every accepted peer may call everything.' : [data(answer.summary ?? ''), '. Counts since ', time(answer.since), '.']);
    show(warnings,
      answer.broken ? h('div', { class: 'callout bad' }, mark('refused', 'The rules in the file cannot be used'), h('p', {}, data(answer.broken)), h('p', {}, 'The last good rules stay in force. Check the file:'), command('mcp-mtls policy check')) : null,
      answer.mode === 'shadow' ? h('div', { class: 'callout shadow' }, mark('shadow', 'Shadow mode'), h('p', {}, would === 0 ? 'Denied calls are permitted and recorded. So far there was none.' : `Denied calls are permitted and recorded. Enforced, ${counted(would, 'call', 'calls')} would have been denied.`), would > 0 ? h('p', {}, h('a', { href: '#/events?reason=WOULD_BE_DENIED' }, 'Show these calls')) : null) : null,
      (answer.warnings ?? []).map((warning) => h('div', { class: 'callout' }, mark('limited', 'Warning'), h('p', {}, data(warning)))));
    rules.hidden = answer.mode === 'none';
    show(noRules, answer.mode === 'none' ? empty('There are no access rules', 'Every peer that trust accepts may call every tool. The guide shows ten policies; ask for a check after you wrote policy.yaml in the store:', command('mcp-mtls policy check')) : []);
    const last = { name: '', isDefault: true, effect: answer.default, permitted: 0, denied: 0, rateLimited: 0, wouldBeDenied: 0, ...byDefault };
    keyed(rows, answer.mode === 'none' ? [] : [...list, last], (rule) => (rule.isDefault ? '\u0000' : `${rule.name}\n${rule.effect}\n${scope(rule).flat().join()}`), (rule) => h('tr', { role: 'row', class: rule.isDefault ? 'default' : '' },
      h('th', { scope: 'row', role: 'rowheader' }, h('span', { class: 'name' }, rule.isDefault ? 'default' : data(rule.name)), h('span', { class: 'sub' }, mark(rule.effect === 'deny' ? 'refused' : 'permitted', rule.effect === 'deny' ? 'deny' : 'permit'), h('span', { class: 'never' }, 'never matched'))),
      h('td', { role: 'cell' }, rule.isDefault ? h('span', { class: 'sub' }, 'when no rule decides') : facts(scope(rule).map(([term, values]) => [term, values.map((value, i) => [i > 0 ? ', ' : '', data(value)])]))),
      ['Permitted', 'Denied', 'Would be denied', 'Rate limited'].map((label) => h('td', { role: 'cell', class: 'number', 'data-label': label })), h('td', { role: 'cell', 'data-label': 'Last' })),
    (row, rule) => {
      row.querySelector('.never').hidden = rule.isDefault || !never.has(rule.name);
      ['permitted', 'denied', 'wouldBeDenied', 'rateLimited'].forEach((member, i) => {
        const cell = row.children[2 + i];
        say(cell, rule[member] ? count(rule[member]) : '–');
        cell.classList.toggle('zero', !rule[member]);
        cell.classList.toggle('shadow', member === 'wouldBeDenied' && rule[member] > 0);
        cell.classList.toggle('refused', member === 'denied' && rule[member] > 0);
      });
      const cell = row.children[6];
      if (cell.key !== (rule.lastAt ?? '')) cell.key = rule.lastAt ?? '', show(cell, rule.lastAt ? time(rule.lastAt) : '–');
    });
  }

  function submit(event) {
    event.preventDefault();
    app.go('access', { peer: peer.value.trim(), server: server.value, [kind.value]: target.value.trim(), arguments: args.value.trim() }, true);
  }

  /** Asks for one decision, or for all when no call is named. */
  async function ask() {
    const mine = ++round;
    wrong.hidden = true;
    const call = ['tool', 'prompt', 'resource', 'method'].find((name) => params[name]);
    if (!params.peer) return show(result);
    try {
      if (call && !params.server) throw Object.assign(new Error('Choose the server of this call.'), { status: 400 });
      if (params.arguments) {
        const given = parse(params.arguments);
        if (given === null || typeof given !== 'object' || Array.isArray(given)) throw Object.assign(new Error('The arguments are a JSON object, such as {"city": "Tokyo"}.'), { status: 400 });
      }
      const answer = call ? await get('explain', { peer: params.peer, server: params.server, [call]: params[call], arguments: params.arguments }) : await get('may', { peer: params.peer });
      if (mine === round) show(result, call ? explanation(answer) : permissions(answer, params.server));
    } catch (error) {
      if (mine !== round) return;
      show(result, error.candidates?.length > 0 ? h('div', { class: 'callout' }, h('p', {}, 'Which of these?'), h('ul', { class: 'plain' }, error.candidates.map((name) => h('li', {}, button(data(name), () => { peer.value = name; form.requestSubmit(); }, { class: 'quiet' }))))) : []);
      wrong.hidden = false;
      say(wrong, error.status ? [error.message, error.remedy].filter(Boolean).join(' ') : 'The server does not answer.');
    }
  }

  function offer() {
    if (!app.about) return;
    const chosen = params.server ?? server.value;
    const names = app.about.servers.map((each) => each.server);
    if (chosen && !names.includes(chosen)) names.push(chosen);
    show(server, h('option', { value: '' }, 'every server'), names.map((name) => h('option', { value: name }, name)));
    server.value = chosen;
  }

  offer();
  get('map', { window: '1d' }).then((answer) => {
    show(peers, [...new Set([...answer.peers.map((each) => each.peer), ...answer.refusals.map((refusal) => refusal.peer).filter(Boolean)])].slice(0, 300).map((value) => h('option', { value })));
    show(tools, [...new Set(answer.servers.flatMap((each) => each.tools))].slice(0, 300).map((value) => h('option', { value })));
  }, () => {});
  const polling = poll(load, 5000);
  app.stream.open({ outcome: 'failure' });

  return {
    element,
    about: offer,
    params(given) {
      params = given;
      const call = ['tool', 'prompt', 'resource', 'method'].find((name) => params[name]);
      const fill = (field, value) => { if (document.activeElement !== field || value) field.value = value; };
      fill(peer, params.peer ?? '');
      fill(target, call ? params[call] : '');
      fill(args, params.arguments ?? '');
      if (call) kind.value = call;
      if (params.arguments) args.closest('details').open = true;
      offer();
      server.value = params.server ?? '';
      const question = JSON.stringify(params);
      if (question !== asked) {
        asked = question;
        ask();
      }
    },
    hello: (first) => first || load(),
    dispose: () => { round++; polling.stop(); },
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The selectors that a rule has, in words. */
function scope(rule) {
  return [['peers', rule.peers?.length > 0 ? rule.peers : ['every peer']], ['servers', rule.servers], ['tools', rule.tools], ['prompts', rule.prompts], ['resources', rule.resources], ['methods', rule.methods],
    ['when', rule.when ? [rule.when] : []], ['rate', rule.rate ? [rule.rate] : []]].filter(([, values]) => values?.length > 0);
}

function verdict({ decision, would }) {
  if (decision === 'permit' && would === 'deny') return ['shadow', 'Permitted in shadow mode; enforced, it would be denied'];
  return decision === 'permit' ? ['permitted', 'Permitted'] : ['refused', 'Denied'];
}

/** Refusals come first: a peer without a connection has no use for rules. */
function obstacles(answer) {
  const { refusals = [], notes = [] } = answer;
  if (refusals.length === 0 && notes.length === 0) return null;
  return h('div', { class: 'callout bad' }, refusals.length > 0 ? mark('refused', 'Connections under this name were refused before any rule was asked') : mark('limited', 'Note'),
    notes.map((note) => h('p', {}, data(note))),
    refusals.length > 0 ? h('ul', { class: 'plain' }, refusals.map((refusal) => h('li', {}, h('span', { class: 'code' }, data(refusal.reason)), ` ×${count(refusal.count)} at `, data(refusal.server ?? ''), ', last ', time(refusal.lastAt, relative(refusal.lastAt)), ' · ',
      h('a', { href: `#/events?${new URLSearchParams({ reason: refusal.reason, ...(refusal.lastConnection ? { connection: refusal.lastConnection } : { peer: answer.peer }) })}` }, 'the evidence')))) : null);
}

function explanation(answer) {
  const [outcome, word] = verdict(answer);
  const what = answer.tool ?? answer.prompt ?? answer.resource ?? answer.target ?? answer.method;
  return [
    obstacles(answer),
    h('h3', { class: 'verdict' }, answer.refusals?.length > 0 ? 'If it were accepted: ' : '', mark(outcome, word)),
    h('p', { class: 'lead' }, data(answer.peer), answer.decision === 'permit' ? ' may call ' : ' may not call ', data(what ?? ''), ' of ', data(answer.server),
      answer.why ? [': ', data(answer.why)] : answer.rule ? [': rule ', data(answer.rule), ' decides'] : '', '.'),
    answer.considered?.length > 0 ? h('ol', { class: 'considered' }, answer.considered.map((rule) => h('li', { class: rule.matches ? 'matches' : '' },
      h('span', { class: 'tag' }, rule.matches ? 'matches' : 'does not match'), h('span', {}, data(rule.rule, { class: 'strong' }), ` (${rule.effect})`, rule.why ? h('span', { class: 'sub' }, data(rule.why)) : null)))) : h('p', { class: 'hint' }, 'No rule is about this call.'),
    h('p', { class: 'hint' }, 'The same in a terminal:'),
    command(`mcp-mtls policy explain --peer ${word1(answer.peer)} ${word1(answer.entry ?? answer.server)} ${answer.tool ? word1(answer.tool) : answer.prompt ? `--prompt ${word1(answer.prompt)}` : answer.resource ? `--resource ${word1(answer.resource)}` : `--method ${word1(answer.method ?? '')}`}`),
    h('p', {}, h('a', { href: `#/access?${new URLSearchParams({ peer: answer.peer })}` }, 'Everything that it may call')),
  ];
}

/** A word of a shell, quoted when it has to be. */
const word1 = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function permissions(answer, only) {
  const servers = answer.servers.filter((each) => !only || each.server === only || each.entry === only);
  const all = servers.flatMap((each) => each.tools);
  const may = all.filter((tool) => tool.decision === 'permit').length;
  return [
    obstacles(answer),
    h('h3', { class: 'verdict' }, data(answer.peer), ` may call ${count(may)} of ${counted(all.length, 'tool')}`),
    answer.toolsLeftOut > 0 ? h('p', { class: 'hint' }, `${counted(answer.toolsLeftOut, 'more tool is', 'more tools are')} not shown.`) : null,
    servers.map((each) => {
      const body = h('tbody');
      const line = (tool) => h('tr', {}, h('th', { scope: 'row' }, h('a', { href: `#/access?${new URLSearchParams({ peer: answer.peer, server: each.server, tool: tool.tool })}` }, data(tool.tool))), h('td', {}, mark(verdict(tool)[0], tool.decision === 'permit' ? tool.would === 'deny' ? 'would be denied' : 'permitted' : 'denied')),
        h('td', {}, tool.rule ? ['rule ', data(tool.rule)] : data(tool.why ?? ''), tool.dependsOnArguments ? h('span', { class: 'sub' }, 'depends on the arguments') : null));
      const fill = () => body.childElementCount === 0 && body.append(...each.tools.slice(0, FIRST).map(line));
      if (servers.length <= 4) fill();
      const rest = each.tools.length > FIRST ? button(`Show ${count(each.tools.length - FIRST)} more`, () => { body.append(...each.tools.slice(FIRST).map(line)); rest.remove(); }, { class: 'quiet' }) : null;
      const permitted = each.tools.filter((tool) => tool.decision === 'permit').length;
      return h('details', { open: servers.length <= 4, class: 'may', on: { toggle: fill } }, h('summary', {}, data(each.entry ?? each.server), h('span', { class: 'sub' }, ` ${count(permitted)} of ${count(each.tools.length)}`)),
        each.tools.length > 0 ? h('table', {}, h('thead', { class: 'unseen' }, h('tr', {}, ['Tool', 'Decision', 'Why'].map((title) => h('th', { scope: 'col' }, title)))), body) : h('p', { class: 'hint' }, 'Its tools are not known before the first call.'), rest);
    }),
  ];
}
