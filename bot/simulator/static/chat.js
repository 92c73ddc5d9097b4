// The open chat: bubbles that change live, buttons, the box to write in.

import { $, act, avatar, alertBox, day, given, h, setSeen, state, time, tint, toast, words } from "./base.js";
import { attachment, kindOf } from "./files.js";
import { become, refresh, show } from "./list.js";
import { pollCard } from "./poll.js";

const shown = new Map(); // message id → its list item
const busy = new Map(); // query id → the button that waits for its answer
const list = $("messages");
let waiting = null; // what has come while the chat is being read

export function address() {
  const url = new URL(location.href);
  for (const [key, value] of [["as", state.me], ["chat", state.chat], ["start", state.link]])
    if (value === null) url.searchParams.delete(key);
    else url.searchParams.set(key, value);
  history.replaceState(null, "", url);
}

export async function openChat(id) {
  state.chat = id;
  cancelReply();
  address();
  document.body.dataset.view = "chat";
  $("welcome").hidden = true;
  $("open").hidden = false;
  $("commands").hidden = true;
  shown.clear();
  list.replaceChildren();
  const meanwhile = (waiting = []);
  const told = await act("messages", { chat_id: id, user_id: state.me, limit: 300 });
  if (waiting !== meanwhile) return;
  waiting = null;
  if (state.chat !== id) return;
  for (const message of [...told.messages, ...meanwhile]) put(message);
  setSeen(state.me, id, told.rev);
  await refreshHead();
  show();
  toBottom();
  if (matchMedia("(min-width: 760px)").matches) $("input").focus();
}

export function leaveChat() {
  state.chat = null;
  address();
  document.body.dataset.view = "list";
  $("open").hidden = true;
  $("welcome").hidden = false;
  show();
}

// Head, keyboard and menu

export async function refreshHead() {
  if (state.chat === null) return;
  const [id, me] = [state.chat, state.me];
  const [chat, person] = await Promise.all([act("chat", { chat_id: id, user_id: me }), act("user", { user_id: me })]);
  if (state.chat !== id || state.me !== me) return;
  const isPrivate = chat.kind === "private";
  const title = isPrivate ? given.bot.name : chat.title;
  avatar($("head-avatar"), isPrivate ? given.bot.id : id, title);
  $("head-title").textContent = title;
  const inGroup = ["member", "administrator", "restricted"].includes(chat.bot_status);
  const about = isPrivate ? "" : ` · ${chat.members.length + inGroup} ${words.members}${inGroup ? "" : ` · ${words.bot_absent}`}`;
  $("head-sub").textContent = `${words.you_are} ${person.name}${person.note ? ` (${person.note})` : ""}${about}`;
  const silent = isPrivate && (!person.started || person.blocked || state.link !== null);
  $("block").hidden = !isPrivate || !person.started || person.blocked;
  $("block").textContent = words.block;
  $("start").hidden = !silent;
  $("start").textContent = person.blocked ? words.blocked : words.start;
  $("start").dataset.blocked = person.blocked ? "1" : "";
  $("compose").hidden = silent;
  keyboard(silent ? null : chat.keyboard);
  menu(chat.menu);
}

function keyboard(markup) {
  const rows = markup?.keyboard ?? [];
  const pad = $("keyboard");
  const signature = JSON.stringify(rows);
  $("keys").hidden = !rows.length;
  if (pad.dataset.rows === signature && rows.length) return;
  pad.dataset.rows = signature;
  pad.hidden = !rows.length;
  const tap = (label) => {
    say({ text: label });
    if (markup.one_time_keyboard) pad.hidden = true;
  };
  pad.replaceChildren(
    ...rows.map((row) =>
      h("div", { class: "row" }, row.map((key) => h("button", { type: "button", "data-testid": `key-${key.text}`, onclick: () => tap(key.text) }, key.text))),
    ),
  );
}

function menu(commands) {
  $("menu").hidden = !commands.length;
  $("commands").replaceChildren(
    ...commands.map((command) =>
      h(
        "button",
        { type: "button", "data-testid": `command-${command.command}`, onclick: () => (toggleMenu(false), say({ text: `/${command.command}` })) },
        h("b", {}, `/${command.command}`),
        h("span", {}, command.description),
      ),
    ),
  );
}

function toggleMenu(open) {
  $("commands").hidden = !open;
  $("menu").setAttribute("aria-expanded", String(open));
}

// Messages

const nearBottom = () => list.scrollHeight - list.scrollTop - list.clientHeight < 120;
const toBottom = () => (list.scrollTop = list.scrollHeight);

export function receive(message) {
  if (message.chat_id !== state.chat) return;
  if (waiting) return void waiting.push(message);
  const stick = nearBottom();
  const isNew = !shown.has(message.id);
  put(message);
  if (stick || (isNew && message.from_id === state.me)) toBottom();
  if (message.from_bot) $("head-sub").dataset.action = "";
  if (message.keyboard || message.service || (isNew && message.from_id === state.me)) refreshHead();
}

// What came before the stream was open.
export async function catchUp() {
  const id = state.chat;
  if (id === null || waiting) return;
  const told = await act("messages", { chat_id: id, user_id: state.me, limit: 300 });
  if (state.chat === id) for (const message of told.messages) receive(message);
}

export function remove(chatId, id) {
  if (chatId !== state.chat) return;
  shown.get(id)?.remove();
  shown.delete(id);
}

function put(message) {
  const old = shown.get(message.id);
  if (old && Number(old.dataset.rev) >= message.rev) return;
  const item = message.service ? serviceItem(message) : bubble(message);
  item.dataset.id = message.id;
  item.dataset.rev = message.rev;
  item.dataset.day = day(message.date);
  if (old) {
    item.classList.add("changed");
    old.replaceWith(item);
  } else {
    const last = [...shown.values()].at(-1);
    if (last?.dataset.day !== item.dataset.day) list.append(h("li", { class: "day" }, item.dataset.day));
    list.append(item);
  }
  shown.set(message.id, item);
}

function serviceItem(message) {
  const people = message.api.new_chat_members || [message.api.left_chat_member].filter(Boolean);
  const names = people.map((one) => `${one.last_name || ""} ${one.first_name}`.trim()).join(", ");
  const text = words[`service_${message.service}`] || message.service;
  const who = names || (message.service === "pinned_message" ? message.from_name : "");
  const title = message.api.new_chat_title ? `: ${message.api.new_chat_title}` : "";
  return h("li", { class: "service", "data-testid": "service" }, `${who} ${text}${title}`.trim());
}

function bubble(message) {
  const mine = message.from_id === state.me;
  const inGroup = message.chat_id < 0;
  const body = h("div", { class: "text" });
  body.innerHTML = message.html; // made by the server, escaped there
  for (const link of body.querySelectorAll("a")) link.addEventListener("click", (event) => follow(event, link.href));
  const name = h("b", { class: "name" }, message.from_name);
  name.style.color = `color-mix(in srgb, ${tint(message.from_id)} 75%, var(--ink))`;
  const foot = h("span", { class: "foot" }, message.reactions.join(" "), message.edit_date ? ` ${words.edited} ` : " ", time(message.date));
  const card = h(
    "div",
    { class: "bubble" },
    inGroup && !mine && name,
    message.reply_to && h("p", { class: "quote" }, h("b", {}, message.reply_to.from_name), h("span", {}, message.reply_to.text)),
    message.document && attachment(message.document, () => nearBottom() && toBottom()),
    message.poll && pollCard(message),
    message.text && body,
    foot,
    h("button", { type: "button", class: "answer", "data-testid": "reply", "aria-label": words.reply, title: words.reply, onclick: () => replyTo(message) }, "↩"),
  );
  const rows = message.buttons.map((row) => h("div", { class: "row" }, row.map((button) => inlineButton(message, button))));
  return h(
    "li",
    { class: `message${mine ? " mine" : ""}`, "data-testid": "message", "data-from-bot": message.from_bot ? "1" : null },
    card,
    rows.length ? h("div", { class: "inline" }, rows) : null,
  );
}

// A link to this very bot is followed here, as Telegram would: it presses Start with the code.
function follow(event, url) {
  const link = /^https?:\/\/(?:t|telegram)\.me\/([A-Za-z0-9_]+)(?:\?start=([\w-]*))?/.exec(url);
  if (link && link[1].toLowerCase() === given.bot.username.toLowerCase()) {
    event?.preventDefault();
    start(link[2] || "");
    return true;
  }
  if (url.startsWith("tg:")) event?.preventDefault();
  return false;
}

async function start(code) {
  const me = state.me;
  await act("say", { user_id: me, text: `/start ${code}`.trim() });
  await refresh();
  if (state.me === me) await openChat(me);
}

function inlineButton(message, button) {
  const press = async (event) => {
    if (button.url) {
      if (!follow(null, button.url)) window.open(button.url, "_blank", "noopener");
      return;
    }
    const node = event.currentTarget;
    node.classList.add("busy");
    const told = await act("press", { user_id: state.me, chat_id: message.chat_id, message_id: message.id, data: button.callback_data });
    busy.set(told.query_id, node);
    setTimeout(() => settle(told.query_id), 15000);
  };
  return h("button", { type: "button", "data-testid": `button-${button.text}`, class: button.url ? "url" : null, onclick: press }, button.text, button.url && h("span", { "aria-hidden": "true" }, " ↗"));
}

function settle(queryId) {
  busy.get(queryId)?.classList.remove("busy");
  busy.delete(queryId);
}

export function answered(event) {
  settle(event.query_id);
  // an answer may come before the reply to the press itself
  setTimeout(() => settle(event.query_id), 500);
  if (event.text && event.show_alert) alertBox(event.text);
  else if (event.text) toast(event.text);
  if (event.url) follow(null, event.url);
}

let typing;
export function acting(chatId) {
  if (chatId !== state.chat) return;
  $("head-title").dataset.action = words.typing;
  clearTimeout(typing);
  typing = setTimeout(() => delete $("head-title").dataset.action, 4000);
}

// Writing

function replyTo(message) {
  state.replyTo = message.id;
  $("replying").querySelector("p").textContent = `↩ ${message.from_name}: ${(message.poll?.question || message.text).slice(0, 80)}`;
  $("replying").hidden = false;
  $("input").focus();
}

function cancelReply() {
  state.replyTo = null;
  $("replying").hidden = true;
}

async function say(what) {
  const reply_to = state.replyTo;
  cancelReply();
  await act("say", { user_id: state.me, chat_id: state.chat, reply_to, ...what });
}

async function sendInput() {
  const input = $("input");
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  grow();
  await say({ text });
}

function grow() {
  const input = $("input");
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 140)}px`;
}

async function sendFile(file) {
  const reply = await fetch(`/control/${given.world}/upload?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
  const told = await reply.json();
  const caption = $("input").value.trim();
  $("input").value = "";
  await say({ file_id: told.file_id, caption, kind: kindOf(file) });
}

export function wire() {
  $("compose").addEventListener("submit", (event) => (event.preventDefault(), sendInput()));
  $("input").addEventListener("input", grow);
  $("input").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sendInput();
  });
  $("attach").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", () => {
    for (const file of $("file").files) sendFile(file);
    $("file").value = "";
  });
  $("menu").addEventListener("click", () => toggleMenu($("commands").hidden));
  $("keys").addEventListener("click", () => ($("keyboard").hidden = !$("keyboard").hidden));
  $("replying").querySelector("button").addEventListener("click", cancelReply);
  $("back").addEventListener("click", leaveChat);
  $("block").addEventListener("click", () => act("block", { user_id: state.me }));
  $("start").addEventListener("click", async () => {
    if ($("start").dataset.blocked) await act("unblock", { user_id: state.me });
    else await act("say", { user_id: state.me, text: `/start ${state.link || ""}`.trim() });
    state.link = null;
    address();
    refreshHead();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && toggleMenu(false));
}

export { become };
