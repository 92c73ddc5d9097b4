// Brings the page up: the clock, the troubles, and the stream of what happens.

import { $, act, given, h, locale, state, toast, words, zone } from "./base.js";
import { acting, answered, catchUp, receive, refreshHead, remove, wire } from "./chat.js";
import { become, news, refresh, show } from "./list.js";

// The clock

let ahead = 0; // the world's clock minus ours
function tick() {
  const now = new Date(Date.now() + ahead);
  const hour = now.toLocaleTimeString(locale, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const date = now.toLocaleDateString(locale, { timeZone: zone, weekday: "short", day: "numeric", month: "numeric", year: "numeric" });
  if ($("clock").textContent !== hour + date) $("clock").replaceChildren(h("b", {}, hour), h("span", {}, date));
  $("clock").dateTime = now.toISOString();
}
const setClock = (told) => ((ahead = Date.parse(told.now) - Date.now()), tick());
const advance = async (seconds) => setClock(await act("move_clock", { seconds }));

$("hour").addEventListener("click", () => advance(3600));
$("day").addEventListener("click", () => advance(86400));
$("until").addEventListener("click", () => {
  const local = new Date(Date.now() + ahead + 7 * 3600e3).toISOString();
  $("moment").value = local.slice(0, 16);
  $("clock-dialog").showModal();
});
$("clock-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("clock-dialog").close();
  setClock(await act("move_clock", { to: `${$("moment").value}:00+07:00` }));
});
for (const button of document.querySelectorAll("[data-close]"))
  button.addEventListener("click", () => button.closest("dialog").close());

// Making Telegram fail

const HOWS = ["429", "500", "502_before", "502_after", "cut_before", "cut_after", "hang", "hang_after", "garbled", "revoked", "paused"];
$("hows").append(
  ...HOWS.map((how) => h("button", { type: "button", "data-testid": `fault-${how}`, onclick: () => fail(how) }, words[`how_${how}`])),
);
async function fail(how) {
  const times = Number(document.querySelector("input[name=times]:checked").value);
  if (how === "paused") await act("pause", { on: true });
  else await act("fail", { how, times: how === "revoked" ? 0 : times, retry_after: 5 });
  $("faults").close();
  toast(how === "paused" ? words.how_paused : words.fault_set);
  look();
}
async function heal() {
  await act("heal");
  $("faults").close();
  toast(words.healed);
  look();
}
$("break").addEventListener("click", () => $("faults").showModal());
$("heal").addEventListener("click", heal);
$("flood").addEventListener("change", () => act("flood", { on: $("flood").checked }));

function troubles(told) {
  const faults = [...(told.paused ? ["paused"] : []), ...told.faults];
  document.body.classList.toggle("broken", faults.length > 0);
  $("flood").checked = told.flood;
  $("banner").hidden = !faults.length;
  $("banner").replaceChildren(
    h("span", {}, `${words.broken}: ${faults.map((how) => words[`how_${how}`]).join(" · ")}`),
    h("button", { type: "button", onclick: heal, "data-testid": "banner-heal" }, words.heal),
  );
}

// What happens

let looking;
function look() {
  clearTimeout(looking);
  looking = setTimeout(async () => {
    const told = await refresh();
    setClock(told);
    troubles(told);
    refreshHead();
  }, 60);
}

const HANDLERS = {
  message: (event) => {
    receive(event.message);
    const chat = state.chats.find((one) => one.id === event.chat_id);
    const { text: said, document: file, poll } = event.message;
    const text = poll?.question || said || file?.name || "";
    if (chat) chat.last = { date: event.message.date, text: text.slice(0, 80), from_bot: event.message.from_bot };
    news(event.chat_id, event.message.rev);
  },
  deleted: (event) => remove(event.chat_id, event.message_id),
  news: (event) => news(event.chat_id, event.rev),
  answer: answered,
  action: (event) => acting(event.chat_id),
  people: look,
  commands: look,
  clock: look,
};

let stream;
let lost = false;
function listen() {
  stream?.close();
  stream = new EventSource(`/w/${given.world}/events?as=${state.me ?? ""}`);
  stream.onmessage = (message) => {
    const event = JSON.parse(message.data);
    HANDLERS[event.kind]?.(event);
  };
  stream.onerror = () => {
    lost = true;
    $("banner").hidden = false;
    $("banner").textContent = words.lost;
  };
  stream.onopen = async () => {
    if (!lost) return catchUp();
    lost = false;
    $("banner").hidden = true;
    if (state.me !== null) await become(state.me, state.chat);
    look();
  };
}
document.addEventListener("become", listen);

// A browser opens six connections to one address for all its tabs: those that nobody sees, and
// pages that one has left, let theirs go. Who comes back sees what has happened meanwhile.
function leave() {
  stream?.close();
  stream = null;
}
function comeBack() {
  if (stream) return;
  lost = true;
  listen();
}
addEventListener("pagehide", leave);
addEventListener("pageshow", (event) => event.persisted && comeBack());
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : comeBack()));

wire();
$("search").addEventListener("input", show);
setInterval(tick, 1000);
const asked = new URLSearchParams(location.search);
$("lang").addEventListener("click", () => {
  const url = new URL(location.href);
  url.searchParams.set("lang", words.lang === "en" ? "vi" : "en");
  $("lang").href = url;
});
const who = Number(asked.get("as")) || null;
state.link = who && asked.get("start");
const told = await act("overview");
setClock(told);
troubles(told);
if (who) await become(who, Number(asked.get("chat")) || null);
else {
  await refresh();
  listen();
}
