// Files in the chat: what is looked at or listened to there, and what is fetched.

import { given, h, words } from "./base.js";

export function attachment(file, loaded) {
  const url = `/control/${given.world}/files/${encodeURIComponent(file.file_id)}`;
  const common = { src: url, "data-testid": "document" };
  if (file.kind === "photo") return h("img", { ...common, class: "photo", alt: file.name, onload: loaded });
  if (file.kind === "video") return h("video", { ...common, class: "photo", controls: true, preload: "none", "aria-label": file.name });
  const size = file.size < 1024 ? `${file.size} B` : file.size < 1048576 ? `${Math.round(file.size / 1024)} KB` : `${(file.size / 1048576).toFixed(1)} MB`;
  if (file.kind === "voice" || file.kind === "audio") {
    const player = h("audio", { src: url, controls: true, preload: "none", "aria-label": file.name });
    return h("div", { class: "sound", "data-testid": "document" }, h("b", {}, file.kind === "voice" ? words.voice : file.title || file.name), player);
  }
  return h("a", { class: "file", href: url, download: file.name, "data-testid": "document" }, h("span", { class: "sheet", "aria-hidden": "true" }, "↓"), h("span", {}, h("b", {}, file.name), h("small", {}, size)));
}

// As what a phone would send this file; a picture goes as a document, so that nothing of it is lost.
export function kindOf(file) {
  if (/\.(og[ag]|opus)$/i.test(file.name)) return "voice";
  if (file.type.startsWith("audio/")) return "audio";
  return file.type.startsWith("video/") ? "video" : "document";
}
