// The list on the left: people to be, and below the chosen one their chats.

import { $, act, alertBox, avatar, given, h, hasNews, setSeen, state, time, words } from "./base.js";
import { openChat, leaveChat } from "./chat.js";

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();

export async function refresh() {
  const told = await act("overview", { user_id: state.me });
  state.people = told.people;
  state.chats = told.chats || [];
  for (const person of state.people) setSeen(person.id, person.id, person.rev, true);
  for (const chat of state.chats) setSeen(state.me, chat.id, chat.rev, true);
  if (state.chat) setSeen(state.me, state.chat, chatRev(state.chat));
  $("intro").textContent = told.intro;
  $("intro").hidden = !told.intro;
  show();
  return told;
}

const chatRev = (id) => state.chats.find((chat) => chat.id === id)?.rev ?? 0;

export function news(chatId, rev) {
  const person = state.people.find((one) => one.id === chatId);
  if (person) person.rev = Math.max(person.rev, rev);
  const chat = state.chats.find((one) => one.id === chatId);
  if (chat) chat.rev = Math.max(chat.rev, rev);
  if (state.chat === chatId) setSeen(state.me, chatId, rev);
  show();
}

let asked = 0;
export function show() {
  // many events may come at once: draw once per frame
  if (!asked) asked = requestAnimationFrame(() => ((asked = 0), draw()));
}

function draw() {
  const wanted = fold($("search").value.trim());
  const found = state.people.filter((person) => fold(`${person.name} ${person.note}`).includes(wanted));
  const focused = document.activeElement?.dataset?.testid;
  $("people").replaceChildren(...found.map(personItem));
  if (!found.length) $("people").append(h("li", { class: "none" }, words.nobody));
  if (focused && document.activeElement === document.body)
    document.querySelector(`#people [data-testid="${focused}"]`)?.focus();
}

function personItem(person) {
  const chosen = person.id === state.me;
  const unread = !chosen && hasNews(person.id, person.id, person.rev);
  const button = h(
    "button",
    { type: "button", class: "person", "data-testid": `person-${person.id}`, "aria-pressed": String(chosen), onclick: () => become(person.id) },
    avatar(h("span", { class: "avatar", "aria-hidden": "true" }), person.id, person.name),
    h("span", { class: "lines" }, h("b", {}, person.name), person.note && h("small", {}, person.note)),
    unread && h("span", { class: "news", role: "img", "aria-label": "•" }),
  );
  const item = h("li", { class: chosen ? "chosen" : null }, button);
  if (chosen) item.append(h("ul", { class: "chats", "aria-label": words.chats }, state.chats.map(chatItem)));
  return item;
}

function chatItem(chat) {
  const unread = hasNews(state.me, chat.id, chat.rev) && chat.id !== state.chat;
  const name = chat.kind === "private" ? given.bot.name : chat.title;
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "chatlink", "data-testid": `chat-${chat.id}`, "aria-current": chat.id === state.chat ? "true" : null, onclick: () => openChat(chat.id) },
      avatar(h("span", { class: "avatar small", "aria-hidden": "true" }), chat.kind === "private" ? given.bot.id : chat.id, name),
      h("span", { class: "lines" }, h("b", {}, name), h("small", {}, chat.last?.text || (chat.kind === "private" ? words.bot : words.group))),
      h("span", { class: "side" }, chat.last ? h("small", {}, time(chat.last.date)) : null, unread && h("span", { class: "news", role: "img", "aria-label": "•" })),
    ),
  );
}

export async function become(userId, chatId = null) {
  const same = state.me === userId;
  const wide = matchMedia("(min-width: 760px)").matches;
  if (same && chatId === null && !wide) return openChat(userId);
  if (state.me !== null && !same) state.link = null;
  state.me = userId;
  document.dispatchEvent(new Event("become"));
  await refresh();
  if (!state.people.some((person) => person.id === userId)) {
    state.me = null;
    alertBox(words.nobody);
    return leaveChat();
  }
  const target = chatId ?? (wide || state.chats.length === 1 ? userId : null);
  if (target !== null && state.chats.some((chat) => chat.id === target)) await openChat(target);
  else leaveChat();
}
