// Polls and quizzes in the chat: before one's vote buttons, after it what came of it.

import { act, h, state, words } from "./base.js";

const picked = new Map(); // poll id → the options ticked before they are sent together

export function pollCard(message) {
  const poll = message.poll;
  const voted = poll.chosen.length > 0;
  const results = voted || poll.closed;
  const kind = `${poll.quiz ? "quiz" : "poll"}_${poll.anonymous ? "anonymous" : "public"}`;
  const options = poll.options.map(([text, votes], number) => (results ? result(poll, number, text, votes) : choice(message, number, text)));
  const total = poll.total ? `${poll.total} ${words.votes}` : words.no_votes;
  return h(
    "div",
    { class: "poll", "data-testid": "poll" },
    h("b", { class: "question" }, poll.question),
    h("small", { "data-testid": "poll-kind" }, poll.closed ? words.poll_closed : words[kind]),
    h("div", { class: "options", role: "group", "aria-label": poll.question }, options),
    results && poll.explanation && explanation(poll),
    h("small", { class: "total", "data-testid": "poll-total" }, total),
    !results && poll.multiple && sending(message),
    voted && poll.revoting && !poll.closed && h("button", { type: "button", class: "below", "data-testid": "take-back", onclick: () => vote(message, []) }, words.take_back),
  );
}

const vote = (message, options) => act("vote", { user_id: state.me, chat_id: message.chat_id, message_id: message.id, options });

function choice(message, number, text) {
  const poll = message.poll;
  const ticks = picked.get(poll.id) ?? new Set();
  const tap = (event) => {
    if (!poll.multiple) return vote(message, [number]);
    if (!ticks.delete(number)) ticks.add(number);
    picked.set(poll.id, ticks);
    event.currentTarget.setAttribute("aria-pressed", String(ticks.has(number)));
  };
  const pressed = poll.multiple ? String(ticks.has(number)) : null;
  const mark = h("span", { class: poll.multiple ? "mark square" : "mark", "aria-hidden": "true" });
  return h("button", { type: "button", class: "option", "data-testid": `option-${number}`, "aria-pressed": pressed, onclick: tap }, mark, h("span", {}, text));
}

function sending(message) {
  const send = () => {
    const ticks = [...(picked.get(message.poll.id) ?? [])];
    picked.delete(message.poll.id);
    if (ticks.length) vote(message, ticks);
  };
  return h("button", { type: "button", class: "below", "data-testid": "vote", onclick: send }, words.vote);
}

function result(poll, number, text, votes) {
  const share = poll.total ? Math.round((100 * votes) / poll.total) : 0;
  const mine = poll.chosen.includes(number);
  const isRight = number === poll.right;
  const mark = poll.quiz ? (isRight ? "✓" : mine ? "✗" : "") : mine ? "✓" : "";
  const said = poll.quiz && mark ? words[isRight ? "right" : "wrong"] : mine ? words.your_vote : null;
  const tone = poll.quiz && mark ? (isRight ? " right" : " wrong") : "";
  const bar = h("span", { class: "bar", "aria-hidden": "true" });
  bar.style.setProperty("--share", `${share}%`);
  return h(
    "div",
    { class: `option result${tone}`, "data-testid": `option-${number}` },
    h("b", { class: "share" }, `${share}%`),
    h("span", { class: "said" }, mark && h("span", { class: "tick", role: "img", "aria-label": said }, mark), h("span", {}, text)),
    bar,
  );
}

function explanation(poll) {
  const text = h("p", { class: "explanation text", "data-testid": "explanation" });
  text.innerHTML = poll.explanation_html; // made by the server, escaped there
  return text;
}
