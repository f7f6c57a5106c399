// SPDX-License-Identifier: Apache-2.0
// The page: its five views, the address bar, and the state of the connection to the server.
import { Stream, get, takeToken } from './api.js';
import { button, empty, h, say, show } from './dom.js';
import { access } from './views/access.js';
import { certificates } from './views/certificates.js';
import { events } from './views/events.js';
import { health } from './views/health.js';
import { map } from './views/map.js';

const VIEWS = {
  map: ['Map', map],
  certificates: ['Certificates', certificates],
  events: ['Live events', events],
  access: ['Access', access],
  health: ['Health', health],
};

const nav = h('nav', { 'aria-label': 'Views' }, Object.entries(VIEWS).map(([name, [title]]) => h('a', { href: `#/${name}`, id: `nav-${name}` }, title)));
const state = h('span', { class: 'state', role: 'status' });
const notice = h('div', { class: 'notice', role: 'alert', hidden: true });
const main = h('main', { id: 'main', tabindex: '-1' });
document.body.append(
  h('header', { class: 'top' }, h('a', { class: 'skip', href: '#/', on: { click: (event) => { event.preventDefault(); main.focus(); } } }, 'Skip to the content'), h('span', { class: 'brand' }, 'mcp-mtls'), nav, state),
  notice,
  main,
);

let view;
let shown = '';
let countdown;

/** What views share: facts about the server, and the stream of events. */
const app = { about: undefined, stream: undefined, go, get };

app.stream = new Stream({
  hello: (first) => {
    if (!first || !app.about) introduce();
    view?.hello?.(first);
  },
  events: (list) => view?.events?.(list),
  state: connection,
});

function introduce() {
  get('about').then((about) => { app.about = about; view?.about?.(about); }, () => {});
}

function connection(name, error) {
  clearInterval(countdown);
  state.className = `state ${name}`;
  say(state, { live: 'Live', waiting: 'Reconnecting', full: 'Waiting', locked: 'Locked', silent: 'No events' }[name]);
  notice.hidden = name === 'live';
  if (name === 'locked') {
    show(notice);
    notice.hidden = true;
    locked(error);
  } else if (name === 'silent') {
    if (!app.about) introduce();
    show(notice, `Without an audit log there are counts and no events: ${error.message}. ${error.remedy}`);
  } else if (name !== 'live') {
    const words = h('span');
    const tick = () => say(words, `${name === 'full' ? 'As many pages are open as the server allows.' : 'The connection to the server is lost. What is shown may be old.'} Trying again in ${Math.max(0, Math.ceil((app.stream.retryAt - Date.now()) / 1000))} s.`);
    tick();
    countdown = setInterval(tick, 1000);
    notice.setAttribute('aria-live', 'off'); // the countdown is not read aloud; the state is
    show(notice, words, ' ', button('Try now', () => app.stream.retry()));
  } else if (shown === 'locked') {
    route();
  }
}

/** No token, or that of an earlier start: says where the URL is, and takes it. */
function locked(error) {
  leave();
  shown = 'locked';
  const field = h('input', { id: 'token', name: 'token', autocomplete: 'off', spellcheck: 'false', placeholder: 'http://127.0.0.1:9443/console/#token=…' });
  const wrong = h('p', { class: 'error', role: 'alert' });
  const form = h('form', {
    class: 'unlock',
    on: {
      submit: (event) => {
        event.preventDefault();
        if (takeToken(field.value)) start();
        else say(wrong, 'There is no token in this text. Paste the whole URL.');
      },
    },
  }, h('label', { for: 'token' }, 'Paste the URL here, or open it in this browser'), h('div', { class: 'line' }, field, h('button', { class: 'primary' }, 'Open')), wrong);
  const title = error.code === 'PEER_NOT_LISTED' ? 'Your certificate may not read this page' : error.code === 'TOKEN_WRONG' ? 'This token is not valid' : 'This page needs its token';
  const why = error.code === 'PEER_NOT_LISTED'
    ? 'Ask the operator to add its identity to console.peers.'
    : `${error.code === 'TOKEN_WRONG' ? 'It is misspelt, or the server was started again: each start makes a new token. ' : ''}mcp-mtls serve printed a URL that ends in #token=…, in the terminal where it runs.`;
  show(main, h('div', { class: 'page' }, h('h1', {}, title), h('p', {}, why), error.code === 'PEER_NOT_LISTED' ? h('p', {}, error.message) : form));
}

/** Goes to a view; parameters without a value are left out. */
function go(name, params = {}, replace = false) {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== undefined && value !== ''));
  const hash = `#/${name}${query.size > 0 ? `?${query}` : ''}`;
  if (replace) history.replaceState(null, '', hash);
  else location.hash = hash;
  if (replace) route();
}

function leave() {
  view?.dispose?.();
  view = undefined;
}

function route() {
  if (takeToken(location.hash)) {
    history.replaceState(null, '', '#/map');
    if (shown !== '') start();
  }
  const [, name, query] = /^#\/([a-z]*)\??(.*)$/.exec(location.hash) ?? [];
  const key = name in VIEWS ? name : 'map';
  const params = Object.fromEntries(new URLSearchParams(query ?? ''));
  if (shown !== key) {
    leave();
    shown = key;
    document.title = `${VIEWS[key][0]} · mcp-mtls`;
    for (const link of nav.children) {
      if (link.id === `nav-${key}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    try {
      view = VIEWS[key][1](app);
      show(main, view.element);
    } catch (error) {
      show(main, empty('This view cannot be shown', String(error)));
    }
  }
  view?.params?.(params);
}

function start() {
  shown = '';
  route();
}

addEventListener('hashchange', route);
setTimeout(start); // a task of its own
