// What every part of the page shares: the given facts, small DOM helpers, and the way to the server.

export const given = JSON.parse(document.getElementById("given").textContent);
export const words = given.words;
export const locale = words.lang === "en" ? "en-GB" : "vi-VN";
export const zone = "Asia/Ho_Chi_Minh";
export const $ = (id) => document.getElementById(id);

export const state = {
  me: null, // the person we are
  chat: null, // the open chat
  people: [],
  chats: [],
  replyTo: null,
  link: null, // the code of a t.me link that was opened: Start will send it
};

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== false));
  return node;
}

export async function act(action, body = {}) {
  const reply = await fetch(`/control/${given.world}/${action}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = await reply.json();
  if (!reply.ok) {
    toast(`${words.failed}: ${told.error}`);
    throw new Error(told.error);
  }
  return told;
}

let toastTimer;
export function toast(text) {
  const node = $("toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (node.hidden = true), Math.max(3000, text.length * 70));
}

export function alertBox(text) {
  const box = $("alert");
  box.querySelector("p").textContent = text;
  if (!box.open) box.showModal();
}

const TINTS = ["#b3473f", "#a8651a", "#5f7a1f", "#1f7a5c", "#1f728f", "#4a5fb0", "#7c4fa3", "#a6437c"];
export const tint = (id) => TINTS[Math.abs(id) % TINTS.length];

export function avatar(node, id, name) {
  const parts = name.trim().split(/\s+/);
  node.textContent = (parts.length > 1 ? parts[0][0] + parts.at(-1)[0] : name[0] || "?").toUpperCase();
  node.style.setProperty("--tint", tint(id));
  return node;
}

export const time = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString(locale, { timeZone: zone, hour: "2-digit", minute: "2-digit" });
export const day = (seconds) =>
  new Date(seconds * 1000).toLocaleDateString(locale, { timeZone: zone, weekday: "long", day: "numeric", month: "numeric", year: "numeric" });

// Which state of a chat somebody has seen, so that a dot can show that there is news.
const memory = `seen:${given.world}`;
const seen = JSON.parse(sessionStorage.getItem(memory) || "{}");
export const hasNews = (user, chat, rev) => rev > (seen[`${user}:${chat}`] ?? Infinity);
export function setSeen(user, chat, rev, firstOnly = false) {
  const key = `${user}:${chat}`;
  if (firstOnly && key in seen) return;
  seen[key] = Math.max(rev, seen[key] ?? 0);
  sessionStorage.setItem(memory, JSON.stringify(seen));
}
